/// Decodes datums of one schema into values. Shareable between threads.
///
/// It accepts exactly the encodings of the specification: no over-long integer, no text but UTF-8, no block whose
/// written size is wrong, nothing after the end. Time and memory are bounded by `AvroLimits`.
package struct AvroDecoder: Sendable {
    /// The schema of the datums.
    package let schema: AvroSchema
    /// The bounds in force.
    package let limits: AvroLimits

    /// A decoder of datums of `schema`.
    package init(schema: AvroSchema, limits: AvroLimits = .standard) {
        self.schema = schema
        self.limits = limits
    }

    /// Decodes a datum that takes all of the bytes.
    package func decode(_ bytes: UnsafeRawBufferPointer) throws(AvroDecodingError) -> AvroValue {
        var allocated = 0
        return try decode(bytes, allocated: &allocated)
    }

    /// Decodes a datum that takes all of the bytes.
    package func decode(_ bytes: [UInt8]) throws(AvroDecodingError) -> AvroValue {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(AvroDecodingError) in try decode(buffer) }
        }
        return try result.get()
    }

    /// The same, and counts the bytes of memory taken into `allocated`, also when it fails.
    func decode(_ bytes: UnsafeRawBufferPointer, allocated: inout Int) throws(AvroDecodingError) -> AvroValue {
        var run = AvroDecoding(schema: schema, limits: limits, bytes: bytes)
        defer { allocated = run.allocated }
        do throws(AvroFault) {
            let value = try run.root()
            guard run.cursor.remaining == 0 else { throw .trailingBytes }
            return value
        } catch {
            throw run.error(error, in: bytes)
        }
    }

    /// Decodes the datum at the start of the bytes and says how many bytes it took: for datums that follow each other.
    /// The limits are those for all of the bytes.
    package func decodePrefix(
        _ bytes: UnsafeRawBufferPointer
    ) throws(AvroDecodingError) -> (value: AvroValue, byteCount: Int) {
        var run = AvroDecoding(schema: schema, limits: limits, bytes: bytes)
        do throws(AvroFault) {
            let value = try run.root()
            return (value, bytes.count - run.cursor.remaining)
        } catch {
            throw run.error(error, in: bytes)
        }
    }
}
