/// One block of a container file, decompressed.
package struct AvroContainerBlock: Sendable {
    /// Where the block begins, bytes from the start of the file.
    package let offset: Int64
    /// Where the next one begins.
    package let end: Int64
    /// The number of datums that the file says the block holds.
    package let recordCount: Int64
    /// The datums, one after another.
    package let data: [UInt8]
    let schema: AvroSchema
    let path: String

    /// Hands each datum to `body`, with its place in the block from 0.
    ///
    /// - Throws: `AvroContainerError` of kind `damaged` if a datum is malformed, or there are more or fewer than the
    ///   block says; the ones before have been handed on. Whatever `body` throws.
    package func forEach(
        limits: AvroLimits = .standard, _ body: (_ index: Int64, _ value: AvroValue) throws -> Void
    ) throws {
        let decoder = AvroDecoder(schema: schema, limits: limits)
        try data.withUnsafeBytes { buffer in
            var position = 0
            for index in 0..<recordCount {
                let value: AvroValue
                do {
                    let decoded = try decoder.decodePrefix(UnsafeRawBufferPointer(rebasing: buffer[position...]))
                    value = decoded.value
                    position += decoded.byteCount
                } catch {
                    throw damage("record \(index) of the block: \(error)")
                }
                try body(index, value)
            }
            guard position == buffer.count else { throw damage("the block holds more than its \(recordCount) records") }
        }
    }

    private func damage(_ reason: String) -> AvroContainerError {
        AvroContainerError(kind: .damaged, path: path, offset: offset, reason: reason)
    }
}
