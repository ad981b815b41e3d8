/// The frame that Confluent's serializers put around a datum: byte 0, the schema's id as four bytes big-endian, then
/// the datum.
package enum ConfluentFraming {
    /// Bytes before the datum.
    package static let headerSize = 5

    /// Bytes that do not begin with the frame. A retry cannot help.
    package enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// Fewer than five bytes.
        case tooShort(byteCount: Int)
        /// The first byte is not 0.
        case wrongMagicByte

        /// What is wrong, without any byte of the record.
        package var description: String {
            switch self {
            case .tooShort(let count):
                "not in Confluent's framing: \(count) bytes, and the schema id alone needs \(headerSize)"
            case .wrongMagicByte: "not in Confluent's framing: the first byte is not 0"
            }
        }
    }

    /// The schema's id and the datum inside `record`, which must outlive the result. A registry's ids are positive; a
    /// negative one is handed on, and is unknown to every registry.
    package static func split(
        _ record: UnsafeRawBufferPointer
    ) throws(Failure) -> (schemaID: Int32, datum: UnsafeRawBufferPointer) {
        guard record.count >= headerSize else { throw .tooShort(byteCount: record.count) }
        guard record[0] == 0 else { throw .wrongMagicByte }
        let id = Int32(bigEndian: record.loadUnaligned(fromByteOffset: 1, as: Int32.self))
        return (id, UnsafeRawBufferPointer(rebasing: record[headerSize...]))
    }

    /// The frame's header for a schema's id, appended to `bytes`; the datum follows it.
    package static func appendHeader(schemaID: Int32, to bytes: inout [UInt8]) {
        bytes.append(0)
        withUnsafeBytes(of: schemaID.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// A whole framed record.
    package static func make(schemaID: Int32, datum: some Collection<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headerSize + datum.count)
        appendHeader(schemaID: schemaID, to: &bytes)
        bytes.append(contentsOf: datum)
        return bytes
    }
}
