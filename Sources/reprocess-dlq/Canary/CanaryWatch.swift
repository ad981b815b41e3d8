import CommandLine
import Events
import Kafka
import Lifecycle
import Redrive
import ToolKit

/// Waits until a canary has got through: every group has committed past its records at the destination, and none of
/// them is back in the dead-letter topic. No transaction is open meanwhile. Blocking: on a blocking executor.
struct CanaryWatch {
    /// How it went.
    enum Result: Equatable {
        case passed
        /// Records that are dead letters again.
        case failedAgain(Int)
        /// Who has not committed past the records; with how many of them left.
        case notConsumed(group: String, partition: TopicPartition, committed: Int64?, needed: Int64)
        case stopped
    }

    let kafka: KafkaConfiguration
    /// The canary's run, by which its records are known.
    let run: String
    let source: String
    let options: CanaryOptions
    let patience: Duration
    let stop: StopFlag
    let say: @Sendable (String) -> Void

    /// Where each partition of these topics ends now, open transactions included.
    func ends(of topics: [String]) throws -> [TopicPartition: Int64] {
        let reader = try KafkaConsumer(kafka, group: nil, isolation: .readUncommitted)
        defer { reader.close(timeout: .seconds(5)) }
        var ends: [TopicPartition: Int64] = [:]
        for topic in topics {
            for partition in 0..<(try reader.partitionCount(of: topic, timeout: patience)) {
                let target = TopicPartition(topic: topic, partition: partition)
                ends[target] = try reader.watermarks(of: target, timeout: patience).highWatermark
            }
        }
        return ends
    }

    /// Waits for the canary that was published after `before` (ends of destinations and source).
    func wait(before: [TopicPartition: Int64]) throws -> Result {
        let destinations = before.filter { $0.key.topic != source }
        let sources = before.filter { $0.key.topic == source }
        let needed = try lastOffsets(since: destinations).mapValues { $0 + 1 }
        let admin = try KafkaAdmin(kafka)
        defer { admin.close(timeout: .seconds(5)) }
        let deadline = MonotonicInstant.now().advanced(bySeconds: Double(options.wait.components.seconds))
        var seen = sources
        var again = 0
        var hasSaid = false
        while true {
            let behind = try firstBehind(needed, admin)
            // In this order: whoever has committed past a record has dead-lettered it before.
            again += try count(since: &seen)
            if again > 0 { return .failedAgain(again) }
            guard let behind else { return .passed }
            if stop.isSet { return .stopped }
            if MonotonicInstant.now() >= deadline { return behind }
            if !hasSaid {
                say(
                    "waiting up to \(HumanText.duration(options.wait)) for \(options.groups.joined(separator: ", ")) to process the canary"
                )
            }
            hasSaid = true
            Pause.milliseconds(500)
        }
    }

    private func firstBehind(_ needed: [TopicPartition: Int64], _ admin: KafkaAdmin) throws -> Result? {
        for group in options.groups {
            let committed = Dictionary(
                try admin.groupOffsets(group, timeout: patience).map { ($0.partition, $0.offset) },
                uniquingKeysWith: { $1 })
            for (partition, offset) in needed.sorted(by: { $0.key < $1.key }) {
                let known = committed[partition].flatMap { $0 }
                if known ?? 0 < offset {
                    return .notConsumed(group: group, partition: partition, committed: known, needed: offset)
                }
            }
        }
        return nil
    }

    /// By partition, the last record of the canary.
    private func lastOffsets(since starts: [TopicPartition: Int64]) throws -> [TopicPartition: Int64] {
        var last: [TopicPartition: Int64] = [:]
        var from = starts
        try visit(since: &from) { last[$0] = $1 }
        return last
    }

    /// Records of the canary that have become dead letters since the last look.
    private func count(since seen: inout [TopicPartition: Int64]) throws -> Int {
        var count = 0
        try visit(since: &seen) { _, _ in count += 1 }
        return count
    }

    /// Visits the canary's records from these offsets up to the present stable ends, and moves the offsets there.
    private func visit(since starts: inout [TopicPartition: Int64], _ body: (TopicPartition, Int64) -> Void) throws {
        var options = ConsumerOptions()
        options.prefetchKilobytes = 4 * 1024
        options.fetchKilobytes = 1024
        options.fetchWaitMilliseconds = 10
        let reader = try KafkaConsumer(kafka, group: nil, isolation: .readCommitted, options: options)
        defer { reader.close(timeout: .seconds(5)) }
        for topic in Set(starts.keys.map(\.topic)) { _ = try reader.partitionCount(of: topic, timeout: patience) }
        var open: [TopicPartition: Int64] = [:]
        for (partition, start) in starts {
            let end = try reader.stableBounds(of: partition, timeout: patience).lastStableOffset
            if end > start { open[partition] = end }
        }
        guard !open.isEmpty else { return }
        try reader.assign(open.keys.map { PartitionOffset($0, offset: starts[$0] ?? 0) })
        let batch = RecordBatch(capacity: 1_000)
        defer { batch.reset() }
        let deadline = MonotonicInstant.now().advanced(bySeconds: Double(patience.components.seconds))
        let name = Array("\(Events.HeaderName.redriveRun.text)".utf8)
        while !open.isEmpty, !stop.isSet {
            guard MonotonicInstant.now() < deadline else {
                throw KafkaError(.consume, kind: .timedOut, reason: "the canary's records could not be read in time")
            }
            try reader.pollRecords(into: batch, timeout: .milliseconds(100))
            for case .error(let error) in try reader.pollEvents(timeout: .zero) where error.isFatal { throw error }
            for index in 0..<batch.count {
                let partition = batch.topicPartition(index)
                guard let end = open[partition] else { continue }
                switch batch.entry(index) {
                case .record:
                    let offset = batch.offset(index)
                    if offset < end, try isOurs(batch, index, name) { body(partition, offset) }
                    starts[partition] = offset + 1
                    if offset + 1 >= end { open[partition] = nil }
                case .endOfPartition:
                    starts[partition] = max(end, starts[partition] ?? 0)
                    open[partition] = nil
                case .error: break
                }
            }
        }
    }

    private func isOurs(_ batch: RecordBatch, _ index: Int, _ wanted: [UInt8]) throws(KafkaError) -> Bool {
        var isOurs = false
        try batch.forEachHeader(index) { name, value in
            if name.elementsEqual(wanted) { isOurs = value?.elementsEqual(run.utf8) ?? false }
        }
        return isOurs
    }
}

extension CanaryWatch.Result {
    /// Why the rest was not redriven; nil where it may be.
    func sentence(_ canary: Int64) -> String? {
        switch self {
        case .passed, .stopped: nil
        case .failedAgain(let count):
            "\(count) of the \(canary) canary records failed again and are dead letters once more; the rest was not touched"
        case .notConsumed(let group, let partition, let committed, let needed):
            "group \(group) has not processed the \(canary) canary records: it has committed "
                + "\(committed.map { "\($0)" } ?? "nothing") of \(partition) and offset \(needed) is needed; the rest was "
                + "not touched"
        }
    }
}
