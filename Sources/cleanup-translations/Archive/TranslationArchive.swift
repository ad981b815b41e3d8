import Avro
import CommandLine
import Glibc
import ToolKit

/// The file of `--archive`: an Avro container with every row before it is deleted. An existing file is gone on with.
struct TranslationArchive: ~Copyable {
    /// The schema of its records. Times are milliseconds since 1970.
    static let schemaText = """
        {"type": "record", "name": "ArchivedTranslation", "namespace": "gamification.v1", "fields": [
          {"name": "id", "type": {"type": "string", "logicalType": "uuid"}},
          {"name": "key", "type": "string"},
          {"name": "locale", "type": "string"},
          {"name": "value", "type": "string"},
          {"name": "version", "type": "string"},
          {"name": "created_at", "type": {"type": "long", "logicalType": "timestamp-millis"}}
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
        try writer.append(
            .record([
                .string(row.id), .string(row.key), .string(row.locale), .string(row.value), .string(row.version),
                .long(row.createdAt),
            ]))
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
    /// A record of an archive; nil where it is none.
    init?(_ value: AvroValue) {
        guard case .record(let fields) = value, fields.count == 6 else { return nil }
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
