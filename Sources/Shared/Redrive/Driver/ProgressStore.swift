import Crypto
package import Kafka
package import Lifecycle
import Synchronization

/// Reads what a group has done of a topic: committed offsets and the progress topic, in the order that makes the
/// answer complete.
///
/// Blocking: call from a blocking executor. Calls from several lanes wait for each other.
package final class ProgressStore: Sendable {
    private let settings: RedriveSettings
    /// Asked for committed offsets; the group's member itself, so that no other handle is needed.
    private let member: KafkaConsumer
    private let stableReader: KafkaConsumer
    private let reader: KafkaConsumer
    private let stop: StopFlag
    private let notify: @Sendable (String) -> Void
    /// One reading at a time: the readers are assigned anew for each.
    private let turn = Mutex(())
    private let progressPartitions = Mutex<Int32?>(nil)
    /// Owners that were looked for in all of the progress topic.
    private let soughtElsewhere = Mutex<Set<ProgressOwner>>([])
    /// Where the sources' logs began when they were first loaded: what retention takes from there on is missed, even where
    /// nothing of the partition is committed yet.
    private let firstLogStarts = Mutex<[ProgressOwner: Int64]>([:])

    /// - Parameters:
    ///   - member: a `read_committed` consumer made with the group's name.
    ///   - stop: ends the wait for open transactions.
    ///   - notify: told in a sentence what is waited for.
    package init(
        _ settings: RedriveSettings, member: KafkaConsumer, stop: StopFlag,
        notify: @escaping @Sendable (String) -> Void
    ) throws(KafkaError) {
        self.settings = settings
        self.member = member
        self.stop = stop
        self.notify = notify
        var options = ConsumerOptions()
        options.prefetchKilobytes = 8 * 1024
        options.fetchKilobytes = 4 * 1024
        // With librdkafka's half second, loading took half a second for every partition of source and progress topic.
        options.fetchWaitMilliseconds = 2
        stableReader = try KafkaConsumer(settings.kafka, group: nil, isolation: .readCommitted, options: options)
        reader = try KafkaConsumer(settings.kafka, group: nil, isolation: .readUncommitted, options: options)
    }

    /// Closes the readers; false where one of them did not end in time.
    package func close(timeout: Duration) -> Bool {
        let stable = stableReader.close(timeout: timeout)
        return reader.close(timeout: timeout) && stable
    }

    /// Where to begin in each of these partitions.
    ///
    /// The order is the contract's: the committed offset first (a pending commit is waited for), then the progress
    /// partition's high watermark, then the progress up to it, then the source's ends.
    ///
    /// - Parameter partitions: slots of the sources.
    package func load(_ partitions: [Int32]) throws(RedriveError) -> [PartitionStart] {
        try load(partitions, Patience(settings.patience))
    }

    /// - Parameter patience: of the calling thread.
    func load(_ partitions: [Int32], _ patience: Patience) throws(RedriveError) -> [PartitionStart] {
        do {
            return try turn.withLock { _ in try loadInTurn(partitions, patience) }
        } catch {
            throw RedriveError(error, settings: settings)
        }
    }

    /// The bounds of a source partition, if they can be had at once.
    package func watermarks(of partition: TopicPartition) -> Watermarks? {
        turn.withLockIfAvailable { _ in try? reader.watermarks(of: partition, timeout: .seconds(1)) } ?? nil
    }

    /// The bounds of a source partition, open transactions included.
    package func bounds(of partition: TopicPartition) throws(KafkaError) -> Watermarks {
        do {
            return try turn.withLock { _ in
                // A handle that was just made may not have heard of the topic yet.
                try NewPartition.waiting(for: partition.topic, on: reader) { () throws(KafkaError) in
                    try reader.watermarks(of: partition, timeout: settings.patience)
                }
            }
        } catch let error as KafkaError {
            throw error
        } catch {
            throw KafkaError(.readWatermarks, kind: .other, reason: "\(error)")
        }
    }

    private func loadInTurn(_ partitions: [Int32], _ patience: Patience) throws -> [PartitionStart] {
        let committed = try committedOffsets(partitions, patience)
        let owners = partitions.map(owner)
        let images = try images(of: owners, patience)
        let facts = try zip(owners, committed).map { owner, committed in
            let source = TopicPartition(topic: owner.topic, partition: owner.partition)
            let bounds = try patience.ask("the bounds of \(source)", stop: stop) { timeout throws(KafkaError) in
                try NewPartition.waiting(for: owner.topic, on: reader) { () throws(KafkaError) in
                    try reader.watermarks(of: source, timeout: timeout)
                }
            }
            let image = images[owner] ?? ProgressImage()
            return PartitionFacts(
                owner: owner, committed: committed.offset.map { ($0, committed.metadata) }, image: image,
                logStart: bounds.logStart, highWatermark: bounds.highWatermark,
                witnessMatches: try check(image.partition?.witness, of: owner, bounds),
                firstLogStart: firstLogStarts.withLock { known in
                    defer { if known[owner] == nil { known[owner] = bounds.logStart } }
                    return known[owner]
                })
        }
        try checkNotElsewhere(facts.filter(\.mayHaveMoved).map(\.owner), patience)
        return try zip(partitions, facts).map { slot, facts in
            do throws(ProgressRefusal) {
                return try facts.reconcile(
                    acceptReset: settings.acceptsReset, range: settings.range.map { $0[slot] ?? 0..<0 }
                ).numbered(slot)
            } catch {
                throw RedriveError.progress(error, group: settings.group, topic: facts.owner.topic)
            }
        }
    }

    /// Whose progress that of a slot of the sources is.
    package func owner(of slot: Int32) -> ProgressOwner {
        ProgressOwner(
            group: settings.group, topic: settings.sources.topic(of: slot),
            partition: settings.sources.partition(of: slot))
    }

    /// Progress that is not where its key belongs: the progress topic was given more partitions since it was written.
    ///
    /// - Parameter owners: those of whom nothing was found; looked for once a run.
    private func checkNotElsewhere(_ owners: [ProgressOwner], _ patience: Patience) throws {
        let owners = soughtElsewhere.withLock { sought in owners.filter { sought.insert($0).inserted } }
        guard !owners.isEmpty, let found = try topicReader?.find(owners, patience).first else { return }
        let refusal = ProgressRefusal.misplaced(
            partition: found.owner.partition, found: found.partition, expected: found.expected)
        throw RedriveError.progress(refusal, group: settings.group, topic: found.owner.topic)
    }

    /// A copy that was killed in mid-commit holds its offsets back until its transaction times out.
    private func committedOffsets(_ partitions: [Int32], _ patience: Patience) throws -> [CommittedOffset] {
        let partitions = partitions.map(settings.sources.place)
        var hasSaid = false
        return try patience.ask("the committed offsets of group \(settings.group)", stop: stop, slice: .seconds(3)) {
            timeout throws(KafkaError) in
            try member.committed(partitions, timeout: timeout)
        } meanwhile: { error throws(KafkaError) in
            guard !hasSaid else { return }
            hasSaid = true
            try checkPermission()
            notify("waiting for the committed offsets of group \(settings.group): \(error.reason)")
        }
    }

    /// A consumer asks on for a coordinator that it may not know; an admin client is told that it may not.
    private func checkPermission() throws(KafkaError) {
        let admin = try KafkaAdmin(settings.kafka)
        defer { admin.close(timeout: .seconds(5)) }
        do throws(KafkaError) {
            _ = try admin.describeGroup(settings.group, timeout: .seconds(5))
        } catch {
            guard error.kind == .authorization else { return }
            throw error
        }
    }

    // MARK: - Progress topic

    private func images(of owners: [ProgressOwner], _ patience: Patience) throws -> [ProgressOwner: ProgressImage] {
        guard let topic = topicReader else { return [:] }
        var images: [ProgressOwner: ProgressImage] = [:]
        for owner in owners { images[owner] = ProgressImage() }
        // What a tombstone follows no longer matters; everything else that cannot be read ends the run.
        var damages: [ProgressKey: (offset: Int64, damage: ProgressDamage)] = [:]
        let count = try topic.read(owners, patience) { key, value, timestamp, offset in
            if value == nil { damages[key] = nil }
            do throws(ProgressDamage) {
                try images[key.owner]?.apply(key, value: value, timestamp: timestamp)
            } catch {
                damages[key] = (offset, error)
            }
        }
        progressPartitions.withLock { $0 = count }
        if let (key, found) = damages.min(by: { $0.value.offset < $1.value.offset }) {
            throw ProgressRefusal.damaged(key: key.text, offset: found.offset, found.damage)
        }
        return images
    }

    /// What can be made out of the owners' records without trusting them: for a reset, which replaces them all.
    package func remains(of partitions: [Int32]) throws(RedriveError) -> [Int32: ProgressRemains] {
        let slots = Dictionary(partitions.map { (owner(of: $0), $0) }, uniquingKeysWith: { first, _ in first })
        do {
            return try turn.withLock { _ in
                var remains = Dictionary(uniqueKeysWithValues: slots.values.map { ($0, ProgressRemains()) })
                _ = try topicReader?.read(Array(slots.keys), Patience(settings.patience)) { key, value, _, _ in
                    if let slot = slots[key.owner] { remains[slot]?.take(key, value) }
                }
                return remains
            }
        } catch {
            throw RedriveError(error, settings: settings)
        }
    }

    /// How many partitions the progress topic had when it was last read: what is written must be found there again.
    func progressPartitionCount(of topic: String) throws(KafkaError) -> Int32 {
        if let known = progressPartitions.withLock({ $0 }) { return known }
        let count = try reader.partitionCount(of: topic, timeout: settings.patience)
        progressPartitions.withLock { $0 = count }
        return count
    }

    private var topicReader: ProgressTopicReader? {
        settings.progressTopic.map {
            ProgressTopicReader(
                topic: $0, stable: stableReader, all: reader, limit: settings.patience, stop: stop, notify: notify)
        }
    }

    // MARK: - Witness

    /// Whether the record at a witness' offset is the one that was seen; nil where that cannot be told.
    package func matches(_ witness: Witness, partition: Int32) throws(RedriveError) -> Bool? {
        do {
            return try turn.withLock { _ in
                let owner = ProgressOwner(group: settings.group, topic: settings.topic, partition: partition)
                let bounds = try reader.watermarks(
                    of: TopicPartition(topic: owner.topic, partition: partition), timeout: settings.patience)
                return try check(witness, of: owner, bounds)
            }
        } catch {
            throw RedriveError(error, settings: settings)
        }
    }

    private func check(_ witness: Witness?, of owner: ProgressOwner, _ bounds: Watermarks) throws -> Bool? {
        guard let witness, witness.offset >= bounds.logStart, witness.offset < bounds.highWatermark else { return nil }
        let partition = TopicPartition(topic: owner.topic, partition: owner.partition)
        try reader.assign([PartitionOffset(partition, offset: witness.offset)])
        defer { try? reader.unassign() }
        let batch = RecordBatch(capacity: 1)
        var wait = StableWait(patience: settings.patience)
        var digest = try RecordDigest()
        while true {
            try reader.pollRecords(into: batch, timeout: .milliseconds(200))
            for case .error(let error) in try reader.pollEvents(timeout: .zero) { try error.throwUnlessPassing() }
            for index in 0..<batch.count {
                switch batch.entry(index) {
                case .record where batch.offset(index) == witness.offset:
                    return batch.timestamp(index).milliseconds == witness.timestamp
                        && digest.digest(key: batch.key(index), value: batch.value(index)) == witness.digest
                case .record, .endOfPartition:
                    // Where a record was, there is none: only compaction does that.
                    return settings.sourceIsCompacted ? nil : false
                case .error:
                    // Retention has overtaken it since.
                    if batch.error(index)?.kind == .offsetOutOfRange { return nil }
                    try batch.error(index)?.throwUnlessPassing()
                }
            }
            if stop.isSet {
                throw RedriveError.stopped(waitingFor: "the record at offset \(witness.offset) of \(partition)")
            }
            if case .giveUp = wait.poll() {
                var error = KafkaError(.consume, kind: .timedOut, reason: "a record could not be read")
                (error.topic, error.partition, error.offset) = (owner.topic, owner.partition, witness.offset)
                throw error
            }
        }
    }
}
