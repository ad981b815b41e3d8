/// A value that is not of the schema's type. A mistake in the program that made it; never holds any of the value.
package struct AvroEncodingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong, in terms of the schema.
    package let reason: String
    /// The value concerned, such as `lines[3].price`; empty for the whole datum.
    package let path: String

    /// Both in one line.
    package var description: String {
        path.isEmpty ? "cannot encode as Avro: \(reason)" : "cannot encode as Avro: \(reason), in \(path)"
    }
}
