import CommandLine
import Lifecycle
import Postgres
import ToolKit
import Translations

/// Does what `PruneMachine` says. Lives on one blocking executor.
final class PruneRun {
    struct Settings: Sendable {
        let selection: Selection
        let rules: PruneRules
        let limit: Int?
        /// How long a batch should take.
        let batchTime: Duration
        /// Sleep after each batch, as a multiple of the time that it took.
        let sleepRatio: Double
        /// When no more is taken up.
        let deadline: MonotonicInstant?
        let limits: LoadGuard.Limits
        let stop: StopFlag
    }

    /// How often the disk should get what was deleted.
    private static let synchronization: Int64 = 250_000_000
    /// Failures in a row after which the run gives up.
    private static let patience = 50
    /// Victims in the queue below which the next page is asked for.
    private static let readAhead = 15_000
    /// Rows read again of which it is known that the archive has them.
    private static let archivedKnown = 50_000
    /// Names kept of keys whose caches are told by others.
    static let namesKept = 1_000

    private let settings: Settings
    private let database: PruneDatabase
    private let caches: CacheFinisher?
    private let say: Reporter
    private let progress: (PruneTally) -> Void
    private var archive: TranslationArchive?
    private var machine: PruneMachine
    private var reader: PageReader
    private var loadGuard: LoadGuard
    private(set) var tally = PruneTally()
    /// Whether the machine was stopped by time.
    private(set) var ranOutOfTime = false

    private var ticket: PostgresTicket?
    private var lastSynchronization = MonotonicInstant.now()
    /// When each batch under way was sent, and when the last one ended.
    private var sent = Fifo<MonotonicInstant>()
    private var lastEnd = MonotonicInstant.now()
    private var failures = 0
    private var backoff = Backoff(firstMilliseconds: 20, longestMilliseconds: 1_000)
    private var troubles = Backoff(firstMilliseconds: 20, longestMilliseconds: 2_000)
    private var deletedAtRetry = 0
    private var archivedAgain: Set<RowReference> = []
    /// Without caches: the first of the cached names that may be out of date now.
    private(set) var staleNames: [String] = []

    init(
        _ settings: Settings, database: PruneDatabase, caches: CacheFinisher?,
        archive: consuming TranslationArchive?, say: Reporter, progress: @escaping (PruneTally) -> Void
    ) {
        self.settings = settings
        self.database = database
        self.caches = caches
        self.say = say
        self.progress = progress
        let wantsContent: Bool
        if archive == nil { wantsContent = false } else { wantsContent = true }
        self.archive = archive
        let (seconds, attoseconds) = settings.batchTime.components
        machine = PruneMachine(
            sizer: BatchSizer(targetNanoseconds: seconds * 1_000_000_000 + attoseconds / 1_000_000_000),
            limit: settings.limit,
            // With pauses between batches nothing else may be under way.
            depth: settings.sleepRatio > 0 ? 1 : 2)
        reader = PageReader(settings.selection, rules: settings.rules, wantsContent: wantsContent)
        loadGuard = LoadGuard(settings.limits)
    }

    /// Runs to the end, or to what ends it before.
    /// - Throws: what the run could not get over; what was deleted stays deleted, and its intents are in the database.
    func run() throws {
        do {
            try work()
        } catch {
            hearOut()
            tell()
            throw error
        }
        tally.left = machine.openGroups
        tell()
    }

    private func work() throws {
        while true {
            if settings.stop.isSet { machine.stop() }
            if let deadline = settings.deadline, MonotonicInstant.now() >= deadline, !machine.isStopping {
                ranOutOfTime = true
                machine.stop()
            }
            if let failure = caches?.failure { throw failure }
            do {
                try pauseWhereAsked()
                guard try step() else { return }
                failures = 0
                troubles.succeeded()
            } catch let error as PostgresError where error.endsConnection {
                try recover(from: error)
            } catch let error as PostgresError where Self.passes(error) && failures < Self.patience {
                // Somebody holds the whole table, or the server is slow: what was tried is tried again.
                failures += 1
                tally.timeouts += 1
                pause(.nanoseconds(troubles.failed()))
            }
            tell()
        }
    }

    /// One step of the machine; false when it is done.
    private func step() throws -> Bool {
        if database.isFlushed { try release() }
        let isDue = MonotonicInstant.now().nanoseconds(since: lastSynchronization) >= Self.synchronization
        switch machine.next(isSynchronizationDue: isDue) {
        case .read: try read()
        case .retry(let groups): try retry(groups)
        case .delete(let batch):
            sent.append(.now())
            try database.send(batch)
            try readAhead()
        case .settle: try settle()
        case .synchronize:
            lastSynchronization = .now()
            try database.beginFlush()
        case .awaitDisk: try release()
        case .done: return false
        }
        return true
    }

    // MARK: - Steps

    private func read() throws {
        if let restart = machine.restart {
            ticket = nil
            reader.restart(at: restart)
        }
        if ticket == nil { try ask() }
        guard let ticket else { return }
        self.ticket = nil
        guard let page = try database.reader.take(ticket).first else { return }
        let (groups, isLast) = try reader.take(page) { try archive?.append($0) }
        // Nothing is deleted before its archive is on the disk.
        try archive?.synchronize()
        machine.accept(groups, isLast: isLast)
    }

    private func ask() throws(PostgresError) {
        try database.reader.send(Statements.page, reader.parameters, format: .binary)
        ticket = try database.reader.dispatch()
    }

    private func retry(_ groups: [TranslationGroup]) throws {
        // Whoever holds the rows needs time; a round that came to something begins the waiting anew.
        if machine.deleted > deletedAtRetry { backoff.succeeded() }
        deletedAtRetry = machine.deleted
        if backoff.failures == 4 { say.info("\(groups.count) groups have rows that somebody else holds; trying on") }
        pause(.nanoseconds(backoff.failed()))
        var parameters = PostgresParameters()
        parameters.add(groups.map(\.key))
        parameters.add(groups.map(\.locale))
        parameters.add(hasArchive)
        do {
            let rows = try database.reader.query(Statements.groups, parameters, format: .binary)
            let works = try PageReader.groups(
                rows, rules: settings.rules, archive: hasArchive ? { try self.archiveAgain($1, readAs: $0) } : nil)
            try archive?.synchronize()
            machine.acceptRetried(works, asked: groups)
        } catch {
            machine.retryFailed(groups)
            throw error
        }
    }

    /// Rows that somebody holds for long are read again and again; unchanged, they need not be archived each time.
    private func archiveAgain(_ row: ArchivedRow, readAs reference: RowReference) throws {
        if archivedAgain.count >= Self.archivedKnown { archivedAgain = [] }
        if archivedAgain.insert(reference).inserted { try archive?.append(row) }
    }

    private var hasArchive: Bool {
        if archive == nil { false } else { true }
    }

    /// Waits for the oldest batch.
    private func settle() throws {
        let start = max(sent.popFirst() ?? .now(), lastEnd)
        do throws(PostgresError) {
            let deletion = try database.receive()
            lastEnd = .now()
            let nanoseconds = lastEnd.nanoseconds(since: start)
            machine.note(counts: deletion.counts, intents: deletion.intents, nanoseconds: nanoseconds)
            tally.batches += 1
            tally.longestBatch = max(tally.longestBatch, .nanoseconds(nanoseconds))
            if settings.sleepRatio > 0 { pause(.nanoseconds(Int64(Double(nanoseconds) * settings.sleepRatio))) }
        } catch {
            if Self.passes(error) { machine.failed() }
            throw error
        }
    }

    /// Takes in a page that has come, and asks for the next one, while the server deletes.
    private func readAhead() throws {
        guard machine.restart == nil, machine.wantsReadAhead(below: Self.readAhead) else { return }
        if ticket != nil {
            guard database.reader.hasAnswers else { return }
            try read()
        }
        if machine.wantsReadAhead(below: Self.readAhead) { try ask() }
    }

    /// Time-outs and deadlocks: nothing was done, and the same may succeed.
    private static func passes(_ error: PostgresError) -> Bool {
        [.cancelled, .lockNotAvailable, .conflict].contains(error.kind)
    }

    /// Waits until the disk has what it was asked to take, and hands over the intents that are safe then.
    private func release() throws(PostgresError) {
        do throws(PostgresError) {
            try database.awaitFlush()
        } catch {
            machine.synchronizationFailed()
            throw error
        }
        let works = machine.synchronized()
        if let caches { return caches.submit(works) }
        tally.uninvalidated += works.count
        staleNames += works.prefix(Self.namesKept - staleNames.count).map(\.group.cacheName)
    }

    /// The run fails. What was sent is carried out all the same: it is counted, and its caches are told.
    private func hearOut() {
        caches?.abandon()
        machine.stop()
        while failures < Self.patience {
            do {
                guard try step() else { return }
            } catch let error as PostgresError where Self.passes(error) {
                failures += 1
            } catch {
                return
            }
        }
    }

    // MARK: - Trouble

    private func recover(from loss: PostgresError) throws {
        ticket = nil
        var loss = loss
        var undone: Int?
        repeat {
            failures += 1
            guard failures < Self.patience, !settings.stop.isSet else { throw loss }
            say.warning("\(loss); connecting anew")
            do {
                undone = try database.reconnect()
            } catch let error as PostgresError where error.endsConnection {
                // The server is up for a moment, and gone again.
                loss = error
                pause(.nanoseconds(troubles.failed()))
            }
        } while undone == nil
        machine.lost(undone: undone ?? 0)
        reader.rereadGroup()
        sent = Fifo()
        tally.reconnects += 1
        // Intents of transactions in doubt are in the database, and known to nobody.
        caches?.sweep(upTo: database.knownIntent)
    }

    private func pauseWhereAsked() throws {
        guard loadGuard.isDue else { return }
        while !machine.underWay.isEmpty { try settle() }
        var said: String?
        while !machine.isStopping, let objection = try loadGuard.objection(database.writer) {
            if said != objection { say.info("pausing: \(objection)") }
            if said == nil { tally.waits += 1 }
            said = objection
            // What was deleted must not wait for its caches meanwhile.
            if database.isFlushed { try release() }
            if machine.beginSynchronization() { try database.beginFlush() }
            pause(.milliseconds(500))
            if settings.stop.isSet { machine.stop() }
            if let deadline = settings.deadline, MonotonicInstant.now() >= deadline {
                ranOutOfTime = true
                machine.stop()
            }
            tell()
        }
    }

    /// Waits, in pieces that a signal ends.
    private func pause(_ duration: Duration) {
        let end = MonotonicInstant.now().advanced(by: duration)
        tally.waited += duration
        while MonotonicInstant.now() < end, !settings.stop.isSet {
            let left = end.nanoseconds(since: .now())
            Pause.milliseconds(Int(max(1, min(100, left / 1_000_000))))
        }
    }

    // MARK: - Telling

    private func tell() {
        let read = reader.tally
        tally.read = read.rows
        tally.unsemantic = read.unsemantic
        // Groups are read again when others held rows of theirs.
        tally.dealtWith = max(tally.dealtWith, read.rows - machine.waitingRows)
        tally.deleted = machine.deleted
        tally.skipped = machine.skipped
        tally.archived = archive?.rows ?? 0
        tally.invalidated = caches?.finished ?? 0
        progress(tally)
    }

    /// Whether anything is left that this run would have deleted.
    var hasWorkLeft: Bool { !machine.isAtEnd || !machine.retry.isEmpty || machine.hasQueue }
    /// Whether the limit ended it.
    var isAtLimit: Bool { settings.limit.map { machine.deleted >= $0 } ?? false }
}
