package import Kafka
package import Lifecycle

/// Reads a range of a topic without joining a group, record by record: for `list`, plans and dry runs.
///
/// Waits for the network: run it in a task on a blocking executor.
package struct DeadLetterScan: Sendable {
    private let kafka: KafkaConfiguration
    private let topic: String
    private let patience: Duration

    /// - Parameter patience: how long brokers, or an open transaction, are waited for.
    package init(_ kafka: KafkaConfiguration, topic: String, patience: Duration) {
        self.kafka = kafka
        self.topic = topic
        self.patience = patience
    }

    /// Visits every record that is not done, of each partition in offset order, up to the partitions' ends.
    ///
    /// - Parameters:
    ///   - starts: where to begin, and what is done.
    ///   - ends: last stable offsets, by partition.
    ///   - includesDone: whether what is done is visited as well.
    ///   - gone: told of offsets that retention has taken before they were visited.
    ///   - visit: false ends the scan.
    /// - Returns: whether everything was visited.
    package func run(
        _ starts: [PartitionStart], ends: [Int32: Int64], includesDone: Bool = false, stop: StopFlag? = nil,
        gone: (Int32, Range<Int64>) -> Void = { _, _ in }, visit: (RecordBatch, Int) async throws -> Bool
    ) async throws -> Bool {
        var open: [Int32: PartitionStart] = [:]
        // By open partition, the offset to be read next.
        var positions: [Int32: Int64] = [:]
        for start in starts where first(start, includesDone) < ends[start.partition] ?? 0 {
            open[start.partition] = start
            positions[start.partition] = first(start, includesDone)
        }
        if open.isEmpty { return true }
        var reader = try self.reader(at: positions)
        defer { reader.close(timeout: .seconds(5)) }
        let batch = RecordBatch(capacity: 2_000)
        defer { batch.reset() }
        var quietSince = MonotonicInstant.now()
        var nudge = PrefetchNudge(milliseconds: 20)
        while !open.isEmpty {
            if stop?.isSet == true { return false }
            nudge.nudge(reader, open.keys.map { TopicPartition(topic: topic, partition: $0) })
            if try reader.pollRecords(into: batch, timeout: .milliseconds(20)) > 0 { quietSince = .now() }
            try check(reader, quietSince)
            var overtaken: KafkaError?
            for index in 0..<batch.count {
                let partition = batch.partition(index)
                guard let start = open[partition] else { continue }
                switch batch.entry(index) {
                case .error:
                    let error = batch.error(index)
                    if error?.kind == .offsetOutOfRange { overtaken = error } else { try check(error) }
                case .endOfPartition: open[partition] = nil
                case .record:
                    let offset = batch.offset(index)
                    positions[partition] = offset + 1
                    if offset + 1 >= ends[partition] ?? 0 { open[partition] = nil }
                    guard offset < ends[partition] ?? 0, includesDone || !start.done.contains(offset) else { continue }
                    guard try await visit(batch, index) else { return false }
                }
            }
            // A visit may take its time, or wait.
            if batch.count > 0 { quietSince = .now() }
            positions = positions.filter { open[$0.key] != nil }
            if let overtaken {
                positions = try positionsLeft(positions, ends, reader, overtaken, gone)
                open = open.filter { positions[$0.key] != nil }
                // Assigned anew while old fetches end, a partition's records would go to another queue.
                batch.reset()
                reader.close(timeout: .seconds(5))
                reader = try self.reader(at: positions)
            }
        }
        return true
    }

    /// A reader of its own, assigned.
    private func reader(at positions: [Int32: Int64]) throws(KafkaError) -> KafkaConsumer {
        var options = ConsumerOptions()
        // Small records cost librdkafka several times their size: this keeps the process within 160 MiB.
        options.prefetchKilobytes = 6 * 1024
        options.fetchKilobytes = 3 * 1024
        options.fetchWaitMilliseconds = 10
        let reader = try KafkaConsumer(kafka, group: nil, isolation: .readCommitted, options: options)
        do throws(KafkaError) {
            // Without the topic's metadata librdkafka begins to fetch a second later.
            _ = try reader.partitionCount(of: topic, timeout: patience)
            try reader.assign(
                positions.map { PartitionOffset(TopicPartition(topic: topic, partition: $0), offset: $1) })
            return reader
        } catch {
            reader.close(timeout: .seconds(5))
            throw error
        }
    }

    /// Where to read on after retention has overtaken some of the partitions, without those of which nothing is left. A
    /// partition that was overtaken is fetched no more.
    private func positionsLeft(
        _ positions: [Int32: Int64], _ ends: [Int32: Int64], _ reader: KafkaConsumer, _ error: KafkaError,
        _ gone: (Int32, Range<Int64>) -> Void
    ) throws(KafkaError) -> [Int32: Int64] {
        var left = positions
        for (partition, position) in positions {
            let place = TopicPartition(topic: topic, partition: partition)
            let end = ends[partition] ?? 0
            let start = min(try reader.stableBounds(of: place, timeout: patience).logStart, end)
            guard start > position else { continue }
            gone(partition, position..<start)
            left[partition] = start < end ? start : nil
        }
        // The offset is beyond the log's end: another topic than it was.
        if left == positions { throw error }
        return left
    }

    private func first(_ start: PartitionStart, _ includesDone: Bool) -> Int64 {
        includesDone ? start.logStart : start.done.firstMissing(from: start.done.committed)
    }

    private func check(_ reader: KafkaConsumer, _ quietSince: MonotonicInstant) throws {
        var last: KafkaError?
        for case .error(let error) in try reader.pollEvents(timeout: .zero) {
            try check(error)
            last = error
        }
        guard MonotonicInstant.now().seconds(since: quietSince) > Double(patience.components.seconds) else { return }
        throw last ?? KafkaError(.consume, kind: .timedOut, reason: "no record arrived for \(patience)")
    }

    private func check(_ error: KafkaError?) throws {
        guard let error else { return }
        if error.isFatal || error.kind == .authorization || error.kind == .authentication { throw error }
    }
}
