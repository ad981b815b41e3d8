import Avro
import CommandLine
import Lifecycle
import Postgres
import ToolKit

/// Puts the rows of an archive back. Rows that are there already stay as they are, so it may be done twice.
final class Restorer {
    /// What a restore came to.
    struct Tally: Sendable, Equatable {
        /// Records in the archive that are as they were written.
        var records = 0
        var restored = 0
        /// Rows that are there, or whose version is there under another id.
        var present = 0
        /// Rows that the database does not take.
        var refused = 0
        /// The first refused rows, and the rule of each.
        var refusals: [Refused] = []
        /// Records, and blocks from some record on, that are not as they were written and were left out.
        var damagedRecords = 0
        var damagedBlocks = 0
        /// Rows that a signal, or the time, has left to the next run.
        var left = 0
    }

    struct Refused: Sendable, Equatable {
        let id: String
        let rule: String
    }

    struct Settings: Sendable {
        let stop: StopFlag
        /// When no more is begun.
        var deadline: MonotonicInstant?
        /// Whether damage is left out instead of refused.
        var skipsDamage = false
    }

    private static let batch: Int64 = 1_000
    private static let refusalsKept = 100
    /// Times in a row that a batch may meet a lock that is held.
    private static let patience = 50

    private let session: PostgresSession
    private let settings: Settings
    /// Whether nothing that could be read follows in the archive.
    private var hasEnded = false
    private(set) var tally = Tally()

    init(_ session: PostgresSession, _ settings: Settings) {
        self.session = session
        self.settings = settings
    }

    // MARK: - Reading

    /// Reads the archive into a temporary table, where a row that was archived twice keeps its last entry.
    /// - Returns: what should be said, if the file ends in the middle of a block: those rows were never deleted.
    /// - Throws: `AvroContainerError` of kind `damaged`, and nothing is restored, unless damage is to be left out.
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
        let schema = reader.schema
        var warning: String?
        try session.copyIn("COPY archived FROM STDIN") { piece in
            while piece.count < 60_000 {
                guard !settings.stop.isSet else { throw Refusal(.failed, "stopped; nothing was restored") }
                guard let block = try nextBlock(&reader, &warning) else { return }
                try take(block, schema, path, into: &piece)
            }
        }
        try session.query(
            """
            CREATE TEMPORARY TABLE restoring AS
            SELECT row_number() OVER (ORDER BY id) AS number, id, key, locale, value, version,
                CASE created_at WHEN 9223372036854775807 THEN 'infinity' WHEN -9223372036854775808 THEN '-infinity'
                    ELSE to_timestamp(created_at / 1000.0) END::timestamptz(3) AS created_at
            FROM (SELECT DISTINCT ON (id) * FROM archived ORDER BY id, number DESC) AS latest
            """)
        try session.query("CREATE INDEX ON restoring (number)")
        return warning
    }

    /// The next block that can be read.
    private func nextBlock(
        _ reader: inout AvroContainerReader, _ warning: inout String?
    ) throws -> AvroContainerBlock? {
        while !hasEnded {
            do throws(AvroContainerError) {
                return try reader.nextBlock()
            } catch {
                guard [.incomplete, .damaged, .tooLarge].contains(error.kind) else { throw error }
                // A block whose length was changed seems to reach beyond the file; but then others follow.
                let hasMore = try reader.skipDamage()
                hasEnded = !hasMore
                if error.kind == .incomplete, !hasMore {
                    warning = "\(error): the rows of an unfinished block were not deleted"
                } else {
                    guard settings.skipsDamage else { throw refusal(error) }
                    tally.damagedBlocks += 1
                }
            }
        }
        return nil
    }

    private func take(
        _ block: AvroContainerBlock, _ schema: AvroSchema, _ path: String, into piece: inout [UInt8]
    ) throws {
        do {
            try block.forEach { index, value in
                if let row = try ArchivedRow(value, schema: schema) {
                    tally.records += 1
                    return CopyText.append(row, number: tally.records, to: &piece)
                }
                tally.damagedRecords += 1
                guard settings.skipsDamage else {
                    throw AvroContainerError(
                        kind: .damaged, path: path, offset: block.offset,
                        reason: "record \(index) of the block is not as it was written")
                }
            }
        } catch let error as AvroContainerError where error.kind == .damaged {
            guard settings.skipsDamage else { throw refusal(error) }
            tally.damagedBlocks += 1
        }
    }

    private func refusal(_ error: AvroContainerError) -> Refusal {
        Refusal(
            .refused,
            "\(error). Nothing was restored. Take a good copy of the file, or leave out what is damaged: --skip-damaged"
        )
    }

    // MARK: - Inserting

    /// Inserts what is not there, in short transactions, which may not be on the disk yet when this returns.
    func insert() throws {
        let last = try session.query("SELECT coalesce(max(number), 0) FROM restoring").integer(0, 0) ?? 0
        var from: Int64 = 0
        while from < last, !settings.stop.isSet, !isLate {
            let end = min(last, from + Self.batch)
            try insert(above: from, upTo: end)
            from = end
        }
        tally.left = Int(last - from)
    }

    private var isLate: Bool { settings.deadline.map { MonotonicInstant.now() >= $0 } ?? false }

    /// A batch that is refused is halved until the row is found that is to blame.
    private func insert(above from: Int64, upTo end: Int64) throws {
        do throws(PostgresError) {
            let inserted = try insertPatiently(above: from, upTo: end)
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

    /// Inserts rows; somebody else who holds one of them, or the table, is waited for.
    private func insertPatiently(above from: Int64, upTo end: Int64) throws(PostgresError) -> Int {
        var parameters = PostgresParameters()
        parameters.add(from)
        parameters.add(end)
        var backoff = Backoff(firstMilliseconds: 20, longestMilliseconds: 1_000)
        while true {
            do throws(PostgresError) {
                return try session.query(
                    """
                    INSERT INTO translations (id, key, locale, value, version, created_at)
                    SELECT id, key, locale, value, version, created_at FROM restoring
                    WHERE number > $1::bigint AND number <= $2::bigint
                    ON CONFLICT DO NOTHING
                    """, parameters
                ).affectedRows
            } catch {
                guard [.lockNotAvailable, .cancelled, .conflict].contains(error.kind),
                    backoff.failures < Self.patience, !settings.stop.isSet
                else { throw error }
                Pause.milliseconds(Int(backoff.failed() / 1_000_000))
            }
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
