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
        /// So many can be read at the destination, no more: a transaction that is open there holds back its end.
        case notReadable(Int64)
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

    /// Waits for the canary of `records` records that was published after `before` (ends of destinations and source).
    ///
    /// - Parameter latest: when to give up, although there would be more time.
    func wait(for records: Int64, since before: [TopicPartition: Int64], until latest: MonotonicInstant?) throws
        -> Result
    {
        var unread = before.filter { $0.key.topic != source }
        var seen = before.filter { $0.key.topic == source }
        /// By partition, the offset behind the last record of the canary.
        var needed: [TopicPartition: Int64] = [:]
        var found: Int64 = 0
        let admin = try KafkaAdmin(kafka)
        defer { admin.close(timeout: .seconds(5)) }
        let reader = try makeReader()
        defer { reader.close(timeout: .seconds(5)) }
        let longest = MonotonicInstant.now().advanced(bySeconds: options.wait / .seconds(1))
        let deadline = min(longest, latest ?? longest)
        var again = 0
        var hasSaid = false
        while true {
            // Right after a commit, or behind another program's open transaction, nobody can read the records yet.
            if found < records {
                try visit(reader, since: &unread) { partition, offset in
                    needed[partition] = offset + 1
                    found += 1
                }
            }
            let behind = found < records ? .notReadable(found) : try firstBehind(needed, admin)
            // In this order: whoever has committed past a record has dead-lettered it before.
            try visit(reader, since: &seen) { _, _ in again += 1 }
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

    private func makeReader() throws(KafkaError) -> KafkaConsumer {
        var options = ConsumerOptions()
        options.prefetchKilobytes = 4 * 1024
        options.fetchKilobytes = 1024
        options.fetchWaitMilliseconds = 10
        return try KafkaConsumer(kafka, group: nil, isolation: .readCommitted, options: options)
    }

    /// Visits the canary's records from these offsets up to the present stable ends, and moves the offsets there.
    private func visit(
        _ reader: KafkaConsumer, since starts: inout [TopicPartition: Int64], _ body: (TopicPartition, Int64) -> Void
    ) throws {
        for topic in Set(starts.keys.map(\.topic)) { _ = try reader.partitionCount(of: topic, timeout: patience) }
        var open: [TopicPartition: Int64] = [:]
        for (partition, start) in starts {
            let end = try reader.stableBounds(of: partition, timeout: patience).lastStableOffset
            if end > start { open[partition] = end }
        }
        guard !open.isEmpty else { return }
        try reader.assign(open.keys.map { PartitionOffset($0, offset: starts[$0] ?? 0) })
        defer { try? reader.unassign() }
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
        case .notReadable(let found):
            "only \(found) of the \(canary) canary records can be read at the destination, where a transaction of another "
                + "program is open; the rest was not touched"
        }
    }
}
