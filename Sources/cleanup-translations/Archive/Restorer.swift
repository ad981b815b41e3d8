import Avro
import CommandLine
import Lifecycle
import Postgres
import ToolKit

/// Puts the rows of an archive back. Rows that are there already stay as they are, so it may be done twice.
final class Restorer {
    /// What a restore came to.
    struct Tally: Sendable, Equatable {
        /// Records in the archive.
        var records = 0
        var restored = 0
        /// Rows that are there, or whose version is there under another id.
        var present = 0
        /// Rows that the database does not take.
        var refused = 0
        /// The first refused rows, and the rule of each.
        var refusals: [Refused] = []
    }

    struct Refused: Sendable, Equatable {
        let id: String
        let rule: String
    }

    private static let batch: Int64 = 1_000
    private static let refusalsKept = 100

    private let session: PostgresSession
    private let stop: StopFlag
    private(set) var tally = Tally()

    init(_ session: PostgresSession, stop: StopFlag) {
        self.session = session
        self.stop = stop
    }

    /// Reads the archive into a temporary table, where a row that was archived twice keeps its last entry.
    /// - Returns: what should be said, if the file ends in the middle of a block: those rows were never deleted.
    func load(_ path: String) throws -> String? {
        try session.unhurried { session in try load(path, session) }
    }

    private func load(_ path: String, _ session: PostgresSession) throws -> String? {
        try session.query(
            """
            CREATE TEMPORARY TABLE archived (
                number bigint, id uuid, key text, locale text, value text, version text, created_at bigint)
            """)
        var reader = try AvroContainerReader(path: path)
        guard try reader.schema.canonicalForm == AvroSchema.parse(TranslationArchive.schemaText).canonicalForm else {
            throw Refusal(.refused, "\(path) is no archive of translations")
        }
        var warning: String?
        var records = 0
        try session.copyIn("COPY archived FROM STDIN") { piece in
            while piece.count < 60_000 {
                do {
                    guard let block = try reader.nextBlock() else { return }
                    try block.forEach { _, value in
                        guard let row = ArchivedRow(value) else {
                            throw Refusal(.refused, "\(path) holds a record that is no translation")
                        }
                        records += 1
                        CopyText.append(row, number: records, to: &piece)
                    }
                } catch let error as AvroContainerError where error.kind == .incomplete {
                    warning = "\(error): the rows of an unfinished block were not deleted"
                    return
                }
            }
        }
        tally.records = records
        try session.query(
            """
            CREATE TEMPORARY TABLE restoring AS
            SELECT row_number() OVER (ORDER BY id) AS number, id, key, locale, value, version,
                to_timestamp(created_at / 1000.0)::timestamptz(3) AS created_at
            FROM (SELECT DISTINCT ON (id) * FROM archived ORDER BY id, number DESC) AS latest
            """)
        try session.query("CREATE INDEX ON restoring (number)")
        return warning
    }

    /// Inserts what is not there, in short transactions.
    func insert() throws {
        let last = try session.query("SELECT coalesce(max(number), 0) FROM restoring").integer(0, 0) ?? 0
        var from: Int64 = 0
        while from < last, !stop.isSet {
            let end = min(last, from + Self.batch)
            try insert(above: from, upTo: end)
            from = end
        }
    }

    /// A batch that is refused is halved until the row is found that is to blame.
    private func insert(above from: Int64, upTo end: Int64) throws {
        var parameters = PostgresParameters()
        parameters.add(from)
        parameters.add(end)
        do throws(PostgresError) {
            let inserted = try session.query(
                """
                INSERT INTO translations (id, key, locale, value, version, created_at)
                SELECT id, key, locale, value, version, created_at FROM restoring
                WHERE number > $1::bigint AND number <= $2::bigint
                ON CONFLICT DO NOTHING
                """, parameters
            ).affectedRows
            tally.restored += inserted
            tally.present += Int(end - from) - inserted
        } catch {
            guard error.kind == .constraint || error.kind == .invalidData else { throw error }
            guard end - from > 1 else { return try refuse(end, error) }
            let middle = from + (end - from) / 2
            try insert(above: from, upTo: middle)
            try insert(above: middle, upTo: end)
        }
    }

    private func refuse(_ number: Int64, _ error: PostgresError) throws {
        tally.refused += 1
        guard tally.refusals.count < Self.refusalsKept else { return }
        var parameters = PostgresParameters()
        parameters.add(number)
        let id = try session.query("SELECT id FROM restoring WHERE number = $1::bigint", parameters).text(0, 0)
        tally.refusals.append(Refused(id: id ?? "", rule: error.constraint ?? error.reason))
    }
}

/// COPY's text format.
enum CopyText {
    static func append(_ row: ArchivedRow, number: Int, to bytes: inout [UInt8]) {
        bytes += Array(String(number).utf8)
        for field in [row.id, row.key, row.locale, row.value, row.version, String(row.createdAt)] {
            bytes.append(0x09)
            for byte in field.utf8 {
                switch byte {
                case 0x5C: bytes += [0x5C, 0x5C]
                case 0x09: bytes += [0x5C, UInt8(ascii: "t")]
                case 0x0A: bytes += [0x5C, UInt8(ascii: "n")]
                case 0x0D: bytes += [0x5C, UInt8(ascii: "r")]
                default: bytes.append(byte)
                }
            }
        }
        bytes.append(0x0A)
    }
}
