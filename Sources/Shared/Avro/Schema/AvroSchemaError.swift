/// A schema that is not valid Avro 1.11, or exceeds a limit. A retry cannot help.
package struct AvroSchemaError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Where in the schema, as a JSON pointer (RFC 6901) such as `/fields/2/type`; empty for the whole text.
    package let path: String
    /// What is wrong there. Quotes names of the schema, never data.
    package let reason: String

    /// Both in one line.
    package var description: String {
        path.isEmpty ? "invalid Avro schema: \(reason)" : "invalid Avro schema at \(path): \(reason)"
    }
}
