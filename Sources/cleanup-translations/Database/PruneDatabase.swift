import CommandLine
import Lifecycle
import Postgres
import PostgresKit
import ToolKit
import Translations

/// The sessions of a run: one deletes and holds the lock, one reads ahead, one waits for the disk. Lives on one blocking
/// executor.
final class PruneDatabase {
    struct Settings: Sendable {
        let configuration: PostgresConfiguration
        /// How long a server that is away is waited for.
        let patience: Duration
        let lockTimeout: Duration
        let statementTimeout: Duration
        let stop: StopFlag
        /// Whether nothing is to be changed: then no lock is taken, and nothing is asked of the disk.
        var readsOnly = false
    }

    /// What the program relies on.
    static let requirement = SchemaRequirement(number: 3, name: "translation_invalidations")

    let settings: Settings
    private(set) var writer: PostgresSession
    private(set) var reader: PostgresSession
    /// Waits for the disk, so that the writer need not.
    private var flusher: PostgresSession
    /// The greatest id of an intent that is known not to be of the next transaction.
    private(set) var knownIntent: Int64 = 0
    /// Transactions that committed without waiting for the disk, and the rows that each deleted.
    private var unsafe: [(transaction: String, rows: Int)] = []
    /// Batches sent and not answered: the ends of their groups of statements, and how many groups each has.
    private var sent = Fifo<(ticket: PostgresTicket, groups: Int)>()
    /// The flush under way, and how many of `unsafe` it makes safe.
    private var flush: (ticket: PostgresTicket, count: Int)?

    /// Connects, takes the lock and looks at the schema.
    /// - Throws: `Refusal` where this database, or its present state, will not do; `PostgresError`.
    init(_ settings: Settings) throws {
        self.settings = settings
        (writer, reader, flusher) = try Self.connect(settings)
        try begin()
    }

    var target: String { writer.target }

    // MARK: - Sessions

    private static func connect(
        _ settings: Settings
    ) throws -> (PostgresSession, PostgresSession, PostgresSession) {
        let stop = settings.stop
        // Statements have a time-out of the server's; this one is for servers that say nothing at all. A stop cancels
        // reading, and no batch: those are short.
        let patience = PostgresSession.Patience(answer: max(.seconds(120), settings.statementTimeout + .seconds(30)))
        var reading = patience
        reading.isStopped = { stop.isSet }
        let deadline = MonotonicInstant.now().advanced(by: settings.patience)
        var backoff = Backoff()
        while true {
            do throws(PostgresError) {
                let writer = try PostgresSession(settings.configuration, patience: patience)
                let reader = try PostgresSession(settings.configuration, patience: reading)
                let flusher = try PostgresSession(settings.configuration, patience: patience)
                return (writer, reader, flusher)
            } catch {
                guard error.isRetriable, MonotonicInstant.now() < deadline, !stop.isSet else { throw error }
                Pause.milliseconds(Int(backoff.failed() / 1_000_000))
            }
        }
    }

    private func begin() throws {
        try configure(writer, statementTimeout: settings.statementTimeout)
        // The places of rows are known: they are looked up, and joined with what is known of them by hashing. A plan made
        // once does: it does not depend on how many there are.
        try writer.query("SELECT set_config('enable_seqscan', 'off', false)")
        try writer.query("SELECT set_config('enable_nestloop', 'off', false)")
        try writer.query("SELECT set_config('plan_cache_mode', 'force_generic_plan', false)")
        // Reading holds no locks, and a cold index takes its time.
        try configure(reader, statementTimeout: max(settings.statementTimeout, .seconds(60)))
        // Near the end of the table a plan that sorts what is left would look cheaper than the index; it is not.
        try reader.query("SELECT set_config('enable_bitmapscan', 'off', false)")
        try reader.query("SELECT set_config('max_parallel_workers_per_gather', '0', false)")
        // Nobody waits for it but this program, and the disk takes the time that it takes.
        try configure(flusher, statementTimeout: .zero)
        let state = try writer.query("SELECT pg_is_in_recovery(), current_setting('transaction_read_only')::boolean")
        if state.boolean(0, 0) == true {
            throw Refusal(
                .refused,
                "\(target) is a standby, where nothing can be deleted: name the primary, or add "
                    + "target_session_attrs=read-write to the connection string")
        }
        if state.boolean(0, 1) == true { throw Refusal(.refused, "\(target) is set to be read only") }
        if let objection = try Self.requirement.objection(writer) { throw Refusal(.refused, objection) }
        if let silent = try writer.query(Statements.silentTriggers).text(0, 0) {
            throw Refusal(
                .refused,
                "in \(target) triggers of translations are missing or disabled (\(silent)): caches would keep stale names. "
                    + "See ALTER TABLE translations ENABLE TRIGGER, session_replication_role, and gamification-server migrate"
            )
        }
        writer.companions = [reader, flusher]
        guard !settings.readsOnly else { return }
        try PruneLock.take(writer)
        knownIntent = try lastIntent()
        // A run that was killed, or a connection that was lost, may have left intents that the disk does not have yet.
        try synchronize()
    }

    private func configure(_ session: PostgresSession, statementTimeout: Duration) throws {
        func milliseconds(_ duration: Duration) -> String {
            let (seconds, attoseconds) = duration.components
            return String(seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
        }
        let values = [
            ("lock_timeout", milliseconds(settings.lockTimeout)),
            ("statement_timeout", milliseconds(statementTimeout)),
            ("synchronous_commit", "off"), ("timezone", "UTC"), ("jit", "off"),
            // A plan for unknown values would not know how few rows they mean.
            ("plan_cache_mode", "force_custom_plan"),
            ("idle_in_transaction_session_timeout", "60000"),
            // Rows that others change are passed over; a snapshot that lasts would make errors of them.
            ("default_transaction_isolation", "read committed"),
        ]
        for (name, value) in values {
            var parameters = PostgresParameters()
            parameters.add(name)
            parameters.add(value)
            try session.send("SELECT set_config($1, $2, false)", parameters)
        }
        try session.finish()
    }

    /// Connects anew after a loss and takes the lock again.
    /// - Returns: rows of the transactions in doubt that turned out not to be deleted.
    func reconnect() throws -> Int {
        sent = Fifo()
        flush = nil
        for session in [writer, reader, flusher] { session.close() }
        (writer, reader, flusher) = try Self.connect(settings)
        // At once: what a crash has undone leaves its numbers to the next transactions.
        var undone = 0
        for (transaction, rows) in unsafe {
            var parameters = PostgresParameters()
            parameters.add(transaction)
            // After a crash the server may not have heard of the transaction, which is an error.
            let status = try? writer.query(Statements.transactionStatus, parameters).text(0, 0)
            if status != "committed" { undone += rows }
        }
        try begin()
        unsafe = []
        return undone
    }

    /// The greatest id of an intent that is in the database now.
    func lastIntent() throws(PostgresError) -> Int64 {
        try writer.query(Statements.lastIntent).integer(0, 0) ?? 0
    }

    // MARK: - Deleting

    /// What one transaction deleted.
    struct Deletion {
        /// Rows, by the batch's groups.
        var counts: [Int]
        var intents: [TranslationIntent]
    }

    /// Sends a batch, which is deleted in one transaction of one round trip.
    func send(_ batch: PruneBatch) throws(PostgresError) {
        try writer.send(
            batch.isGuarded ? Statements.delete : Statements.deleteAll, Self.parameters(batch), format: .binary)
        var known = PostgresParameters()
        known.add(knownIntent)
        try writer.send(Statements.ownIntents, known, format: .binary)
        try writer.send(Statements.transaction)
        sent.append((try writer.dispatch(), batch.groups.count))
    }

    /// Waits for what came of the oldest batch sent.
    func receive() throws(PostgresError) -> Deletion {
        guard let (ticket, groups) = sent.popFirst() else { throw PostgresError(.other, "no batch was sent") }
        let results = try writer.take(ticket)
        guard results.count == 3, let counts = results.first, let transaction = results.last?.text(0, 0) else {
            throw PostgresError(.other, "a batch came without an answer")
        }
        var deletion = Deletion(counts: Array(repeating: 0, count: groups), intents: [])
        for row in 0..<counts.rowCount {
            let number = Int(counts.binaryInteger(row, 0) ?? -1)
            if deletion.counts.indices.contains(number) {
                deletion.counts[number] = Int(counts.binaryInteger(row, 1) ?? 0)
            }
        }
        deletion.intents = TranslationIntent.read(results[1])
        knownIntent = max(knownIntent, deletion.intents.flatMap(\.ids).max() ?? 0)
        unsafe.append((transaction, deletion.counts.reduce(0, +)))
        return deletion
    }

    /// Asks for everything received so far to be put on the disk. Does nothing while that is under way.
    func beginFlush() throws(PostgresError) {
        guard flush == nil else { return }
        try flusher.send(Statements.synchronously)
        try flusher.send(Statements.logMark)
        flush = (try flusher.dispatch(), unsafe.count)
    }

    /// Waits until everything that was committed before is on the disk.
    func synchronize() throws(PostgresError) {
        try beginFlush()
        try awaitFlush()
    }

    /// Whether what was asked for is on the disk: the answer to a group of statements comes with its commit.
    var isFlushed: Bool { flush != nil && flusher.hasAnswers }

    /// Waits until what was asked for is on the disk.
    func awaitFlush() throws(PostgresError) {
        guard let (ticket, count) = flush else { return }
        flush = nil
        try flusher.take(ticket)
        unsafe.removeFirst(count)
    }

    static func parameters(_ batch: PruneBatch) -> PostgresParameters {
        var parameters = PostgresParameters()
        if batch.isGuarded {
            let survivors = batch.groups.compactMap(\.survivor)
            parameters.add(survivors.map(\.place))
            parameters.add(transactions: survivors.map(\.writer))
            parameters.add(survivors.indices.map { Int32($0) })
        }
        var rows: [(row: RowReference, number: Int32)] = []
        rows.reserveCapacity(batch.rows)
        for (number, work) in batch.groups.enumerated() {
            for row in work.victims { rows.append((row, Int32(number))) }
        }
        // In the order of the pages.
        rows.sort { $0.row.place < $1.row.place }
        parameters.add(rows.map(\.row.place))
        parameters.add(transactions: rows.map(\.row.writer))
        parameters.add(rows.map(\.number))
        return parameters
    }
}
