import Kafka
import Lifecycle

/// Reads all that the progress topic holds of some owners, in log order, up to the end that it had when asked.
struct ProgressTopicReader {
    /// A record: key, value (nil for a tombstone), timestamp (milliseconds since 1970), offset.
    typealias Body = (ProgressKey, UnsafeRawBufferPointer?, _ timestamp: Int64, _ offset: Int64) throws -> Void

    let topic: String
    /// A `read_committed` consumer; it is assigned anew for every reading.
    let stable: KafkaConsumer
    /// A `read_uncommitted` one, which knows where the log ends.
    let all: KafkaConsumer
    /// How long an open transaction may hold the topic's end back.
    let limit: Duration
    /// Ends the wait for open transactions.
    let stop: StopFlag
    let notify: @Sendable (String) -> Void

    /// Gives every record of these owners to `body`; waits for open transactions, and says so.
    ///
    /// - Returns: how many partitions the topic has.
    func read(_ owners: [ProgressOwner], _ patience: Patience, _ body: Body) throws -> Int32 {
        let count = try partitionCount(patience)
        let wanted = Set(owners)
        var bounds: [TopicPartition: Watermarks] = [:]
        for partition in Set(owners.map { KeyPartitioner.partition(of: $0.key, count: count) }) {
            let target = TopicPartition(topic: topic, partition: partition)
            bounds[target] = try highWatermark(of: target, patience)
        }
        try read(bounds, patience) { _, key, value, timestamp, offset in
            if wanted.contains(key.owner) { try body(key, value, timestamp, offset) }
        }
        return count
    }

    /// Looks for owners in the partitions where their keys do not belong, up to the stable ends.
    ///
    /// - Returns: those of whom there is something, where that stands, and where it belongs.
    func find(
        _ owners: [ProgressOwner], _ patience: Patience
    ) throws -> [(owner: ProgressOwner, partition: Int32, expected: Int32)] {
        let count = try partitionCount(patience)
        let places = Dictionary(
            owners.map { ($0, KeyPartitioner.partition(of: $0.key, count: count)) },
            uniquingKeysWith: { first, _ in first })
        var bounds: [TopicPartition: Watermarks] = [:]
        for partition in 0..<count {
            let target = TopicPartition(topic: topic, partition: partition)
            let end = try patience.ask("the end of \(target)", stop: stop) { timeout throws(KafkaError) in
                try NewPartition.waiting(for: topic, on: stable) { () throws(KafkaError) in
                    try stable.stableBounds(of: target, timeout: timeout)
                }
            }
            bounds[target] = Watermarks(logStart: end.logStart, highWatermark: end.lastStableOffset)
        }
        var standing: [Int32: Set<ProgressKey>] = [:]
        try read(bounds, patience) { partition, key, value, _, _ in
            guard let place = places[key.owner], place != partition else { return }
            if value == nil { standing[partition]?.remove(key) } else { standing[partition, default: []].insert(key) }
        }
        return standing.sorted { $0.key < $1.key }.flatMap { partition, keys in
            Set(keys.map(\.owner)).map { ($0, partition, places[$0] ?? partition) }
        }
    }

    /// Asked on the handle that will read: without the topic's metadata librdkafka begins to fetch a second later.
    private func partitionCount(_ patience: Patience) throws -> Int32 {
        try patience.ask("the partitions of \(topic)", stop: stop) { timeout throws(KafkaError) in
            try stable.partitionCount(of: topic, timeout: timeout)
        }
    }

    private func highWatermark(of partition: TopicPartition, _ patience: Patience) throws -> Watermarks {
        try patience.ask("the end of \(partition)", stop: stop) { timeout throws(KafkaError) in
            try NewPartition.waiting(for: topic, on: all) { () throws(KafkaError) in
                try all.watermarks(of: partition, timeout: timeout)
            }
        }
    }

    /// Reads progress partitions, all at once, until the position in each has reached its `highWatermark`.
    private func read(
        _ bounds: [TopicPartition: Watermarks], _ patience: Patience,
        _ body: (Int32, ProgressKey, UnsafeRawBufferPointer?, _ timestamp: Int64, _ offset: Int64) throws -> Void
    ) throws {
        var left = bounds.filter { $0.value.highWatermark > $0.value.logStart }.mapValues(\.highWatermark)
        guard !left.isEmpty else { return }
        try stable.assign(left.keys.map { PartitionOffset($0, offset: bounds[$0]?.logStart ?? 0) })
        defer { try? stable.unassign() }
        let batch = RecordBatch(capacity: 1_000)
        var positions: [TopicPartition: Int64] = [:]
        var wait = StableWait(patience: limit)
        var idlePolls = 0
        while let waitingFor = left.keys.min(by: { $0.partition < $1.partition }) {
            try stable.pollRecords(into: batch, timeout: .milliseconds(200))
            for case .error(let error) in try stable.pollEvents(timeout: .zero) { try error.throwUnlessPassing() }
            for index in 0..<batch.count {
                let partition = batch.topicPartition(index)
                switch batch.entry(index) {
                case .record:
                    positions[partition] = batch.offset(index) + 1
                    guard let key = batch.key(index).flatMap({ ProgressKey($0) }) else { break }
                    try body(
                        partition.partition, key, batch.value(index), batch.timestamp(index).milliseconds,
                        batch.offset(index))
                case .endOfPartition: positions[partition] = batch.offset(index)
                case .error:
                    try batch.error(index)?.throwUnlessPassing()
                    continue
                }
                guard let end = left[partition] else { continue }
                wait.moved()
                if positions[partition] ?? 0 >= end { left[partition] = nil }
            }
            if left.isEmpty { return }
            idlePolls = batch.count == 0 ? idlePolls + 1 : 0
            if idlePolls > 0, stop.isSet {
                throw RedriveError.stopped(waitingFor: "open transactions on \(waitingFor)")
            }
            // An open transaction and brokers that are away look the same from here.
            if idlePolls % 15 == 14 { _ = try highWatermark(of: waitingFor, patience) }
            switch wait.poll() {
            case .goOn: break
            case .say:
                let unstable = (left[waitingFor] ?? 0) - (positions[waitingFor] ?? bounds[waitingFor]?.logStart ?? 0)
                notify(
                    "waiting for an open transaction on \(waitingFor) before progress can be trusted "
                        + "(\(unstable) offsets are not stable yet)")
            case .giveUp:
                throw RedriveError.progressNotStable(
                    topic: waitingFor.topic, partition: waitingFor.partition, seconds: wait.seconds)
            }
        }
    }
}

extension KafkaError {
    /// Throws what waiting cannot mend; the others librdkafka goes on trying.
    func throwUnlessPassing() throws {
        if isFatal || kind == .authorization || kind == .authentication { throw self }
    }
}
