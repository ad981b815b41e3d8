/// Encodes values of one schema. Shareable between threads. Arrays and maps are written as one block without its size,
/// as libavro and most others do, so that the same value gives the same bytes.
package struct AvroEncoder: Sendable {
    /// The schema of the values.
    package let schema: AvroSchema

    /// An encoder of values of `schema`.
    package init(schema: AvroSchema) { self.schema = schema }

    /// The encoded value.
    package func encode(_ value: AvroValue) throws(AvroEncodingError) -> [UInt8] {
        var bytes: [UInt8] = []
        try encode(value, into: &bytes)
        return bytes
    }

    /// Appends the encoded value to `bytes`. After an error `bytes` is as before.
    package func encode(_ value: AvroValue, into bytes: inout [UInt8]) throws(AvroEncodingError) {
        var run = AvroEncoding(schema: schema)
        do throws(AvroEncoding.Mismatch) {
            try run.value(value, schema.root.index, depth: 0)
        } catch {
            throw AvroEncodingError(reason: error.reason, path: run.path)
        }
        run.output.copy(to: &bytes)
    }
}
