import Dispatch
package import Kafka
import Lifecycle
import Synchronization

/// One copy's life in the runs topic: it says what it does, and hears what it is to do.
///
/// A thread of its own follows the run's partition, so that a control is heeded within a second of being written, and
/// writes the copy's line at intervals. Copies write one record together: each replaces its own line in the newest
/// record that it has seen, and at its end repairs what was overwritten because two wrote at the same moment. Whoever
/// writes last reads after that, so that in the end no line is missing. Any thread.
package final class RunSession: Sendable {
    /// Milliseconds between two records of a copy that works.
    package static let interval = 5_000

    /// Told of a control; called on the session's thread.
    package typealias Heed = @Sendable (RunControl) -> Void

    private struct State: Sendable {
        var record: RunRecord
        var copy: RunCopy
        var control: RunControl?
        /// Everything before it has been seen.
        var position: Int64
        var isFollowing = false
        var isEnding = false
    }

    private let store: RunStore
    private let partition: TopicPartition
    private let follower: KafkaConsumer
    private let state: Mutex<State>
    private let ended = DispatchSemaphore(value: 0)
    private let now: @Sendable () -> Int64

    /// Writes the copy's first line. Blocking.
    ///
    /// - Parameters:
    ///   - entry: what was read of the run.
    ///   - record: the run, without this copy; as it was read, or a new one.
    ///   - now: milliseconds since 1970.
    package init(
        _ store: RunStore, kafka: KafkaConfiguration, entry: RunStore.Entry, record: RunRecord, copy: RunCopy,
        now: @escaping @Sendable () -> Int64
    ) throws {
        self.store = store
        self.now = now
        partition = try store.partition(of: record.name)
        var options = ConsumerOptions()
        options.prefetchKilobytes = 4 * 1024
        options.fetchKilobytes = 2 * 1024
        // What arrives is answered at once all the same; of empty answers the fewer the better.
        options.fetchWaitMilliseconds = 500
        follower = try KafkaConsumer(kafka, group: nil, isolation: .readUncommitted, options: options)
        var record = record
        record.take(copy)
        var control = entry.control
        // One from before this copy began is not meant for it.
        control?.stops = false
        state = Mutex(State(record: record, copy: copy, control: control, position: entry.next))
        try store.write(record)
    }

    /// What the run is to do, as far as it was heard.
    package var control: RunControl? { state.withLock(\.control) }

    /// Goes by what another copy has written first under this run's name; the record says so from now on. Blocking.
    package func join(_ first: RunRecord) throws {
        let (before, joined) = state.withLock { state in
            let before = state.record
            state.record = before.begun(by: first)
            for copy in first.copies { state.record.take(copy) }
            return (before, state.record)
        }
        if joined != before { try store.write(joined) }
    }

    /// The newest record that was seen.
    package var record: RunRecord { state.withLock(\.record) }

    /// Starts the thread. Once.
    ///
    /// - Parameters:
    ///   - tally: this copy's counts, asked for at intervals.
    ///   - heed: told of every control that concerns this copy.
    ///   - warn: told once in a sentence where the record cannot be written.
    ///   - writes: false for a run whose record is written in its own transactions: see `step`.
    package func follow(
        writes: Bool = true, tally: @escaping @Sendable () -> RunCopy, heed: @escaping Heed,
        warn: @escaping @Sendable (String) -> Void
    ) {
        state.withLock { $0.isFollowing = true }
        NamedThread.start("run-record") { [self] in
            defer { ended.signal() }
            guard begin(warn) else { return }
            let batch = RecordBatch(capacity: 100)
            defer { batch.reset() }
            var writtenAt = MonotonicInstant.now()
            var hasWarned = false
            while !state.withLock(\.isEnding) {
                listen(batch, heed)
                guard writes, MonotonicInstant.now().seconds(since: writtenAt) * 1_000 >= Double(Self.interval) else {
                    continue
                }
                writtenAt = .now()
                do {
                    try write(tally())
                } catch {
                    if !hasWarned { warn("the run's record cannot be written: \(error)") }
                    hasWarned = true
                }
            }
        }
    }

    /// Begins to read where the record was read, as soon as brokers answer.
    ///
    /// - Returns: false where the copy is about to end.
    private func begin(_ warn: (String) -> Void) -> Bool {
        var hasWarned = false
        while !state.withLock(\.isEnding) {
            do {
                _ = try follower.partitionCount(of: partition.topic, timeout: .seconds(2))
                try follower.assign([PartitionOffset(partition, offset: state.withLock(\.position))])
                return true
            } catch {
                if !hasWarned { warn("the run's controls cannot be followed yet: \(error)") }
                hasWarned = true
                _ = try? follower.pollEvents(timeout: .milliseconds(500))
            }
        }
        return false
    }

    /// The copy as it stands, to be changed and given to `end` or from `tally`.
    package var copy: RunCopy { state.withLock(\.copy) }

    /// Writes the copy's last line, sees that neither it nor a neighbour's was overwritten, and ends the thread. Blocking.
    ///
    /// - Parameter isWhole: whether all of the run is done, whoever did it.
    package func end(_ copy: RunCopy, isWhole: Bool = false) throws {
        state.withLock { state in
            state.isEnding = true
            if isWhole { state.record.finishedAt = now() }
        }
        follower.wakeUp()
        if state.withLock(\.isFollowing) { _ = ended.wait(timeout: .now() + .seconds(5)) }
        defer { follower.close(timeout: .seconds(5)) }
        // Another copy may have gone on with an archive where this one was fenced.
        if state.withLock(\.record.archive) != nil {
            let known = try store.read(state.withLock(\.record.name)).record?.archive
            state.withLock { $0.record.archive = RunRecord.ArchivePlace.farther(known, $0.record.archive) }
        }
        try write(copy)
        for _ in 0..<RunRecord.maximumCopies {
            let entry = try store.read(state.withLock(\.record.name))
            guard let newest = entry.record else { return }
            var whole = newest
            for line in entry.lines { whole.take(line) }
            whole.finishedAt = whole.finishedAt ?? state.withLock(\.record.finishedAt)
            if whole == newest { return }
            state.withLock { Self.adopt(whole, &$0) }
            try store.write(state.withLock(\.record))
        }
    }

    /// Ends the thread without a last line, which no broker would take. Blocking, for two seconds at most.
    package func leave() {
        state.withLock { $0.isEnding = true }
        follower.wakeUp()
        if state.withLock(\.isFollowing) { _ = ended.wait(timeout: .now() + .seconds(1)) }
        follower.close(timeout: .seconds(1))
    }

    /// The record as it is to be published in the transaction that publishes an archive's records up to `place`; to be
    /// followed by `committed`, or by another `step` where the transaction failed.
    ///
    /// - Throws: `RunDamage` where it is too large.
    package func step(
        to place: RunRecord.ArchivePlace, _ copy: RunCopy
    ) throws(RunDamage) -> (partition: TopicPartition, key: [UInt8], value: [UInt8]) {
        var record = renewed(copy)
        record.archive = place
        return (partition, Array(RunKey.run(record.name).text.utf8), try RunCodec.encode(record))
    }

    /// The transaction with a `step` has committed.
    package func committed(_ place: RunRecord.ArchivePlace) { state.withLock { $0.record.archive = place } }

    /// Writes the copy's line now; not while a `step` is under way. Blocking.
    package func write(_ copy: RunCopy) throws { try store.write(renewed(copy)) }

    private func renewed(_ copy: RunCopy) -> RunRecord {
        state.withLock { state in
            var copy = copy
            copy.sequence = state.copy.sequence + 1
            copy.updatedAt = now()
            state.copy = copy
            state.record.take(copy)
            return state.record
        }
    }

    /// Takes in what was written since; waits up to half a second for it.
    private func listen(_ batch: RecordBatch, _ heed: Heed) {
        guard (try? follower.pollRecords(into: batch, timeout: .milliseconds(500))) ?? 0 > 0 else {
            _ = try? follower.pollEvents(timeout: .zero)
            return
        }
        for index in 0..<batch.count where batch.entry(index) == .record {
            guard let key = batch.key(index).map(RunKey.init), key.name == state.withLock(\.record.name) else {
                continue
            }
            var entry = RunStore.Entry()
            RunStore.apply(key, batch.value(index), to: &entry)
            if let newest = entry.record { state.withLock { Self.adopt(newest, &$0) } }
            if let control = entry.control {
                state.withLock { $0.control = control }
                heed(control)
            }
        }
    }

    /// Takes over a record of a neighbour, keeping what this copy knows better: its own line, and lines that are newer
    /// here because two wrote at once.
    private static func adopt(_ newest: RunRecord, _ state: inout State) {
        var merged = newest.begun(by: state.record)
        // An archive's place is this copy's own to know: what is read of it may be of a transaction that was aborted.
        merged.archive = state.record.archive
        for known in state.record.copies
        where known.id == state.copy.id || newest.copies.contains(where: { $0.id == known.id })
            || known.startedAt >= state.copy.startedAt
        {
            merged.take(known)
        }
        state.record = merged
    }
}
