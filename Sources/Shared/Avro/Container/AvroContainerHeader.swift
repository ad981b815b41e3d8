/// How the blocks of a container file are compressed.
package enum AvroContainerCodec: String, Sendable {
    /// Not at all.
    case null
    /// RFC 1951.
    case deflate
}

/// The head of a container file (Avro 1.11, "Object Container Files").
struct AvroContainerHeader {
    let schema: AvroSchema
    let schemaText: String
    let codec: AvroContainerCodec
    let metadata: [String: [UInt8]]
    /// Sixteen random bytes that end every block.
    let sync: [UInt8]
    /// Bytes up to the first block.
    let size: Int64

    private static let magic: [UInt8] = [0x4F, 0x62, 0x6A, 0x01]
    static let maximumSize = 4 << 20
    private static let metadataSchema = Result { () throws(AvroSchemaError) in
        try AvroSchema.parse(#"{"type":"map","values":"bytes"}"#)
    }

    /// The bytes of a new file's head.
    static func bytes(
        schemaText: String, codec: AvroContainerCodec, sync: [UInt8], metadata own: [String: [UInt8]] = [:]
    ) throws(AvroSchemaError) -> [UInt8] {
        let metadata: AvroValue = .map(
            [
                AvroMapEntry(key: "avro.codec", value: .bytes(Array(codec.rawValue.utf8))),
                AvroMapEntry(key: "avro.schema", value: .bytes(Array(schemaText.utf8))),
            ] + own.sorted { $0.key < $1.key }.map { AvroMapEntry(key: $0.key, value: .bytes($0.value)) })
        var bytes = magic
        do {
            try AvroEncoder(schema: try metadataSchema.get()).encode(metadata, into: &bytes)
        } catch {
            throw AvroSchemaError(path: "", reason: "\(error)")
        }
        return bytes + sync
    }

    init(reading file: borrowing AvroContainerFile) throws(AvroContainerError) {
        let path = file.path
        func failure(_ kind: AvroContainerError.Kind, _ reason: String) -> AvroContainerError {
            AvroContainerError(kind: kind, path: path, offset: 0, reason: reason)
        }
        let bytes = try file.read(at: 0, count: Self.maximumSize)
        guard bytes.starts(with: Self.magic) else {
            throw failure(.notAContainer, "this is no Avro container file: it does not begin with Obj and 1")
        }
        let entries: [AvroMapEntry]
        do {
            let decoder = AvroDecoder(schema: try Self.metadataSchema.get())
            let (value, count) = try bytes.withUnsafeBytes { try decoder.decodePrefix(.init(rebasing: $0[4...])) }
            guard case .map(let map) = value, bytes.count >= 4 + count + 16 else {
                throw failure(.notAContainer, "the file ends in its header")
            }
            entries = map
            sync = Array(bytes[(4 + count)..<(4 + count + 16)])
            size = Int64(4 + count + 16)
        } catch let error as AvroContainerError {
            throw error
        } catch {
            throw failure(.notAContainer, "the header is damaged or longer than \(Self.maximumSize) bytes: \(error)")
        }
        var metadata: [String: [UInt8]] = [:]
        for case let entry in entries {
            if case .bytes(let value) = entry.value { metadata[entry.key] = value }
        }
        self.metadata = metadata
        let codecName = metadata["avro.codec"].map { String(decoding: $0, as: UTF8.self) } ?? "null"
        guard let codec = AvroContainerCodec(rawValue: codecName) else {
            throw failure(.unknownCodec, "its codec \(quoted(codecName)) is not read here, only null and deflate")
        }
        self.codec = codec
        guard let text = metadata["avro.schema"] else { throw failure(.notAContainer, "the header holds no schema") }
        schemaText = String(decoding: text, as: UTF8.self)
        do {
            schema = try AvroSchema.parse(schemaText, defaults: .dropInvalid)
        } catch {
            throw failure(.schema, error.description)
        }
    }
}
