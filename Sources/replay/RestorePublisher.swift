import Archive
import CommandLine
import Kafka
import Lifecycle
import Pacing
import Redrive
import Runs
import ToolKit

/// Publishes an archive's records in transactions that carry the place reached. One thread; blocking.
final class RestorePublisher {
    let controls = RunControls()
    /// Told of records passed and of what became of them.
    var report: (_ done: Int64, _ tally: RunTally) -> Void = { _, _ in }
    /// Committed.
    private(set) var tally = RunTally()
    /// Records of the archive before the committed place.
    private(set) var done: Int64 = 0

    private let options: ReplayOptions
    private let judge: ArchiveJudge
    private let session: RunSession
    private let producer: KafkaProducer
    private let publisher: Publisher
    private let digest: String
    private let budget: TransactionBudget
    private var gate: PaceGate
    private let shared = TallyBox()
    /// Where the next pass begins.
    private var place: RunRecord.ArchivePlace
    private var pending = RunTally()
    private var pendingDone: Int64 = 0
    private var openedAt: MonotonicInstant?
    private var sent = 0
    private var writtenAt = MonotonicInstant.now()
    /// Transactions that may fail one after the other before the run gives up.
    private static let maximumAborts = 20

    init(
        options: ReplayOptions, opening: RunOpening, journal: RunJournal, path: String, digest: String,
        judge: ArchiveJudge, stop: StopFlag, say: Reporter
    ) throws {
        self.options = options
        self.judge = judge
        self.digest = digest
        session = journal.session
        let pace = opening.pace.profile
        gate = PaceGate(pace, controls: controls, stop: stop)
        budget = pace == .unlimited ? .unpaced : .paced
        let isTransactional = options.delivery == .exactlyOnce
        var producing = ProducerOptions()
        producing.queueKilobytes = 16 * 1024
        producing.queueRecords = 12_000
        // Not a random id: that of a copy that still works is fenced, and what it had open is aborted before the place is
        // read.
        producer = try KafkaProducer(
            options.connection.kafka,
            transactionalID: isTransactional ? "\(ReplayPlanner.group(of: opening.name)).archive" : nil,
            options: producing)
        publisher = Publisher(producer)
        if isTransactional { try producer.initTransactions(timeout: StartCommand.patience) }
        let store = try RunStore(options.connection.kafka, topic: options.runsTopic, patience: StartCommand.patience)
        defer { _ = store.close(timeout: .seconds(5)) }
        let known = try store.read(opening.name).record?.archive
        try known?.check(path, digest, run: opening.name)
        place = known ?? .init(digest: digest, block: 0, record: 0)
        session.committed(place)
        let (controls, shared) = (controls, shared)
        opening.begin(controls, journal, say)
        journal.follow(
            writes: false, tally: { shared.tally }, heed: { controls.heed($0) }, warn: { say.warning($0) })
    }

    /// Closes the producer; false where it did not end in time.
    @discardableResult
    func close() -> Bool { publisher.close(timeout: .seconds(5)) }

    /// Publishes what is left, until the archive's end, damage, or a stop.
    func run(_ path: String) async throws {
        var aborts = 0
        while true {
            do {
                return try await pass(path)
            } catch let error as KafkaError where options.delivery == .exactlyOnce {
                let cause = publisher.explain(error)
                if cause.isFatal, cause.kind == .fenced { throw Self.fenced }
                guard openedAt != nil else { throw cause }
                let committed = done
                try? producer.abortTransaction(timeout: StartCommand.patience)
                forget()
                aborts += 1
                guard cause.requiresAbort, !cause.isFatal, aborts <= Self.maximumAborts else { throw cause }
                if done > committed { aborts = 0 }
            }
        }
    }

    /// Whoever registers the run's transactional id next has it from then on.
    private static let fenced = Refusal(
        .refused,
        "another copy of the run publishes this archive now, or this one was held up for longer than a transaction may stay "
            + "open; what it had not committed was undone")

    private func forget() {
        openedAt = nil
        sent = 0
        pending = RunTally()
        pendingDone = 0
    }

    /// One reading of the file, from the committed place on.
    private func pass(_ path: String) async throws {
        var reader = try ArchiveReader(path: path)
        var before: Int64 = 0
        let start = place
        done = 0
        var reached = start
        while let block = try nextBlock(&reader) {
            // Without inflating more than needed: blocks before the place are counted only.
            guard block.offset >= start.block else {
                before += Int64(block.records.count)
                continue
            }
            done = max(done, before)
            for (index, record) in block.records.enumerated() {
                if block.offset == start.block, Int64(index) < start.record {
                    done += 1
                    continue
                }
                guard try await publish(record, reached) else { return try finish(reached) }
                reached = .init(digest: digest, block: block.offset, record: Int64(index) + 1)
                if isDue { try commit(reached) }
            }
            before += Int64(block.records.count)
        }
        try finish(reached)
    }

    private func nextBlock(_ reader: inout ArchiveReader) throws -> ArchiveReader.Block? {
        // Damage was told of when the file was looked through; what lies before it is what there is.
        do { return try reader.nextBlock() } catch { return nil }
    }

    /// - Returns: false where the run is to end before the record.
    private func publish(_ record: ArchivedRecord, _ reached: RunRecord.ArchivePlace) async throws -> Bool {
        let verdict = try await judge.verdict(record)
        if verdict == .redrive {
            guard try waitForPace(reached) else { return false }
            try begin()
            try publisher.topic(judge.destination(record)).send(judge.outgoing(record, now: TimeSource.milliseconds()))
            sent += 1
        }
        pending.add(verdict, bytes: (record.key?.count ?? 0) + (record.value?.count ?? 0))
        pendingDone += 1
        return true
    }

    /// Waits until a record is due; what is open is committed before a wait that would outlast it.
    private func waitForPace(_ reached: RunRecord.ArchivePlace) throws -> Bool {
        while !gate.isOpen() {
            if gate.isEnded { return false }
            let isPaused = !controls.pauses.isEmpty
            let left = openedAt.map { Int64(budget.age) - MonotonicInstant.now().nanoseconds(since: $0) } ?? .max
            if openedAt != nil, isPaused || gate.untilDue() > left { try commit(reached) }
            Pause.nanoseconds(gate.untilDue())
            if openedAt == nil, MonotonicInstant.now().seconds(since: writtenAt) > 5 {
                writtenAt = .now()
                try session.write(copy)
            }
        }
        return !gate.isEnded
    }

    private func begin() throws {
        guard openedAt == nil else { return }
        if options.delivery == .exactlyOnce { try producer.beginTransaction() }
        openedAt = .now()
    }

    private var isDue: Bool {
        guard let openedAt else { return false }
        return sent >= budget.records || pending.bytes >= budget.bytes
            || MonotonicInstant.now().nanoseconds(since: openedAt) >= Int64(budget.age)
    }

    private func finish(_ reached: RunRecord.ArchivePlace) throws {
        guard pendingDone > 0 else { return }
        try begin()
        try commit(reached)
    }

    private var copy: RunCopy {
        var copy = session.copy
        copy.tally = tally
        return copy
    }

    private func commit(_ reached: RunRecord.ArchivePlace) throws {
        var copy = copy
        copy.tally += pending
        if options.delivery == .exactlyOnce {
            let step = try session.step(to: reached, copy)
            try publisher.topic(step.partition.topic).send(
                OutgoingRecord(partition: step.partition.partition, key: step.key, value: step.value))
            try producer.commitTransaction(timeout: StartCommand.patience)
            session.committed(reached)
        } else {
            try producer.flush(timeout: StartCommand.patience)
            if let failure = producer.takeFailures().failures.first { throw failure.error }
            session.committed(reached)
            try session.write(copy)
        }
        writtenAt = .now()
        place = reached
        tally += pending
        done += pendingDone
        shared.set(tally)
        forget()
        report(done, tally)
    }
}
