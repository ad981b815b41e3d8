import Kafka
package import Lifecycle

/// Changes what a group has done, in one transaction, as the only member of the group.
///
/// Blocking: on a blocking executor.
package struct ProgressChange {
    /// What came of one partition.
    package struct Partition: Sendable, Equatable {
        /// Of the topic.
        package let partition: Int32
        /// The lowest offset not done, before (nil where it was not known) and after.
        package let before: Int64?
        /// The lowest offset not done from now on.
        package let after: Int64
        /// How many offsets above the one before have become done.
        package let added: Int64
    }

    private let settings: RedriveSettings
    private let stop: StopFlag
    private let notify: @Sendable (String) -> Void

    /// - Parameters:
    ///   - settings: group, topic, progress topic, delivery, and a run and copy that stand in what is written.
    ///   - notify: told in a sentence what is waited for.
    package init(_ settings: RedriveSettings, stop: StopFlag, notify: @escaping @Sendable (String) -> Void) {
        self.settings = settings
        self.stop = stop
        self.notify = notify
    }

    /// Makes every record that is there undone: the group begins anew at the start of each partition's log.
    package func reset() throws(RedriveError) -> [Partition] {
        try asMember("progress reset") { member, store throws(RedriveError) in
            let partitions = Array(0..<member.partitionCount)
            let committed = try member.committed(partitions)
            let remains = try store.remains(of: partitions)
            var changes: [Partition] = []
            var progress: [ProgressRecord] = []
            var offsets: [PartitionOffset] = []
            for (number, old) in zip(partitions, committed) {
                let target = TopicPartition(topic: settings.topic, partition: number)
                let start = try bounds(of: target, store).logStart
                let found = remains[number] ?? ProgressRemains()
                let known = CommitMetadata(old.metadata)?.stamp.sequence ?? 0
                let stamp = stamp(sequence: max(found.sequence, known) + 1)
                progress += found.resetRecords(owner: owner(number), stamp: stamp, logStart: start)
                offsets.append(offset(target, start, stamp))
                changes.append(Partition(partition: number, before: old.offset, after: start, added: 0))
            }
            try write(member, progress, offsets)
            return changes
        }
    }

    /// Makes done what a file says is done, beside what is done already; nothing becomes undone.
    ///
    /// - Parameter done: by partition; those that the topic does not have are refused before.
    package func add(_ done: [Int32: DoneSet]) throws(RedriveError) -> [Partition] {
        try asMember("progress import") { member, store throws(RedriveError) in
            let starts = try store.load(Array(0..<member.partitionCount))
            var changes: [Partition] = []
            var progress: [ProgressRecord] = []
            var offsets: [PartitionOffset] = []
            for start in starts {
                guard let wanted = done[start.partition] else { continue }
                let target = TopicPartition(topic: settings.topic, partition: start.partition)
                let end = try bounds(of: target, store).highWatermark
                let missing = start.done.remaining(below: end)
                var state = PartitionState(start, end: nil)
                for range in wanted.ranges(from: start.done.committed) { state.markDone(range) }
                let added = missing - state.done.remaining(below: end)
                if added > 0 {
                    let stamp = stamp(sequence: start.sequence + 1)
                    progress += state.progressRecords(owner: owner(start.partition), stamp: stamp)
                    offsets.append(offset(target, state.done.committed, stamp))
                }
                changes.append(
                    Partition(
                        partition: start.partition, before: start.done.committed, after: state.done.committed,
                        added: added))
            }
            if !offsets.isEmpty { try write(member, progress, offsets) }
            return changes
        }
    }

    private func asMember(
        _ purpose: String, _ body: (SoleMember, ProgressStore) throws(RedriveError) -> [Partition]
    ) throws(RedriveError) -> [Partition] {
        let member = try SoleMember(settings, purpose: purpose, stop: stop)
        defer { member.leave() }
        let store: ProgressStore
        do throws(KafkaError) {
            store = try ProgressStore(settings, member: member.consumer, stop: stop, notify: notify)
        } catch {
            throw .kafka(error)
        }
        defer { _ = store.close(timeout: .seconds(5)) }
        return try body(member, store)
    }

    private func write(
        _ member: SoleMember, _ progress: [ProgressRecord], _ offsets: [PartitionOffset]
    ) throws(RedriveError) {
        let publisher = try member.makePublisher()
        defer { _ = publisher.close(timeout: .seconds(5)) }
        try member.transact(with: publisher, progress: settings.progressTopic == nil ? [] : progress, offsets: offsets)
    }

    private func bounds(of target: TopicPartition, _ store: ProgressStore) throws(RedriveError) -> Watermarks {
        do throws(KafkaError) { return try store.bounds(of: target) } catch { throw .kafka(error) }
    }

    private func owner(_ partition: Int32) -> ProgressOwner {
        ProgressOwner(group: settings.group, topic: settings.topic, partition: partition)
    }

    private func stamp(sequence: UInt64) -> ProgressStamp {
        ProgressStamp(run: settings.run, copy: settings.copy, sequence: sequence)
    }

    private func offset(_ target: TopicPartition, _ offset: Int64, _ stamp: ProgressStamp) -> PartitionOffset {
        PartitionOffset(
            target, offset: offset,
            metadata: CommitMetadata(stamp: stamp, hasProgress: settings.progressTopic != nil).text)
    }
}
