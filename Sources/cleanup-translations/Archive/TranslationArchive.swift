import Avro
import CommandLine
import Crypto
import Glibc
import ToolKit

/// The file of `--archive`: an Avro container with every row before it is deleted. An existing file is gone on with.
struct TranslationArchive: ~Copyable {
    /// The schema of its records. Times are milliseconds since 1970. Avro has no checksums: a letter that a disk has changed
    /// would be restored as if it had been so.
    static let schemaText = """
        {"type": "record", "name": "ArchivedTranslation", "namespace": "gamification.v1", "fields": [
          {"name": "id", "type": {"type": "string", "logicalType": "uuid"}},
          {"name": "key", "type": "string"},
          {"name": "locale", "type": "string"},
          {"name": "value", "type": "string"},
          {"name": "version", "type": "string"},
          {"name": "created_at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
          {"name": "check", "type": {"type": "fixed", "name": "Check", "size": 8},
           "doc": "The first bytes of the SHA-256 of what stands before it, as Avro encodes it"}
        ]}
        """

    private var writer: AvroContainerWriter
    private var unsafe = 0
    /// Rows written by this run.
    private(set) var rows = 0

    /// Makes the file, or goes on with one of the same schema.
    static func open(_ path: String) throws -> TranslationArchive {
        guard access(path, F_OK) == 0 else {
            return TranslationArchive(try AvroContainerWriter.create(path: path, schemaText: schemaText))
        }
        let writer = try AvroContainerWriter.resume(path: path)
        guard try writer.schema.canonicalForm == AvroSchema.parse(schemaText).canonicalForm else {
            throw Refusal(.refused, "\(path) is no archive of translations; name another file")
        }
        return TranslationArchive(writer)
    }

    private init(_ writer: consuming AvroContainerWriter) { self.writer = writer }

    /// Adds a row; it is safe once ``synchronize()`` has returned.
    mutating func append(_ row: ArchivedRow) throws {
        try writer.append(datum: try row.datum(writer.schema))
        unsafe += 1
        rows += 1
    }

    /// Waits until all that was added is on the disk.
    mutating func synchronize() throws {
        guard unsafe > 0 else { return }
        try writer.synchronize()
        unsafe = 0
    }
}

extension ArchivedRow {
    private static let checkBytes = 8

    /// The record of an archive, encoded, with its checksum.
    func datum(_ schema: AvroSchema) throws -> [UInt8] {
        let value = AvroValue.record([
            .string(id), .string(key), .string(locale), .string(self.value), .string(version), .long(createdAt),
            .fixed([UInt8](repeating: 0, count: Self.checkBytes)),
        ])
        var bytes = try AvroEncoder(schema: schema).encode(value)
        bytes.removeLast(Self.checkBytes)
        let digest = try bytes.withUnsafeBytes { bytes in
            Result { () throws(CryptoError) in try SHA256Digest.of(bytes) }
        }.get()
        digest.withBytes { bytes += $0.prefix(Self.checkBytes) }
        return bytes
    }

    /// A record of an archive of `schema`; nil where it is none, or not as it was written.
    init?(_ value: AvroValue, schema: AvroSchema) throws {
        self.init(unchecked: value)
        guard case .record(let fields) = value, case .fixed(let check) = fields[6],
            try datum(schema).suffix(Self.checkBytes).elementsEqual(check)
        else { return nil }
    }

    private init?(unchecked value: AvroValue) {
        guard case .record(let fields) = value, fields.count == 7 else { return nil }
        func text(_ index: Int) -> String? {
            guard case .string(let text) = fields[index] else { return nil }
            return text
        }
        guard let id = text(0), let key = text(1), let locale = text(2), let value = text(3), let version = text(4),
            case .long(let createdAt) = fields[5]
        else { return nil }
        self.init(id: id, key: key, locale: locale, version: version, value: value, createdAt: createdAt)
    }
}
