import Kafka
import Lifecycle
import Observability

/// The group's rebalances, and partitions that cannot be read.
extension SagaDriver {
    /// Serves what waits: rebalances and errors.
    func serveEvents() {
        let events: [ConsumerEvent]
        do throws(KafkaError) {
            events = try consumer.pollEvents(timeout: .zero)
        } catch {
            return log.error("the consumer cannot be polled", [.string("reason", "\(error)")])
        }
        for event in events {
            switch event {
            case .assign(let assigned, _): assign(assigned)
            case .revoke(_, let lost): revoke(isLost: lost)
            case .error(let error):
                status.update { $0.degraded["kafka"] = "\(error)" }
                log.warning("the consumer reports", [.string("reason", "\(error)")])
            }
        }
    }

    /// Takes partitions on: each from the group's offset, else from where its log begins.
    private func assign(_ assigned: [TopicPartition]) {
        let capacity = min(2_000, max(200, configuration.waveRecords / max(1, assigned.count)))
        do throws(KafkaError) {
            var starts: [(start: PartitionOffset, queue: RecordQueue)] = []
            if !assigned.isEmpty {
                for committed in try consumer.committed(assigned, timeout: .seconds(30)) {
                    let bounds = try consumer.stableBounds(of: committed.partition, timeout: .seconds(30))
                    let start = start(committed, bounds)
                    let queue = try consumer.makeSignallingQueue()
                    let lane = machine.addLane(at: start)
                    partitions[lane] = SagaPartition(
                        committed.partition, role: configuration.topics.role(of: committed.partition.topic),
                        lane: lane, queue: queue, capacity: capacity)
                    starts.append((PartitionOffset(committed.partition, offset: start), queue))
                }
            }
            try consumer.assign(starts)
            status.update { $0.degraded["kafka"] = nil }
        } catch {
            // Without an answer librdkafka stays in the group with nothing; it asks again after the next rebalance, which
            // giving everything up brings about.
            log.error("partitions cannot be taken on", [.string("reason", "\(error)")])
            status.update { $0.degraded["kafka"] = "\(error)" }
            drop()
            try? consumer.unassign()
            try? consumer.subscribe(configuration.topics.consumed)
        }
    }

    /// The group's offset, or where the log begins if it has none, or one that the log does not hold: reading from there would
    /// be refused for ever.
    private func start(_ committed: CommittedOffset, _ bounds: StableBounds) -> Int64 {
        guard let offset = committed.offset else { return bounds.logStart }
        if offset >= bounds.logStart, offset <= bounds.lastStableOffset { return offset }
        let fields: [LogField] = [
            .string("topic", committed.partition.topic), .integer("partition", committed.partition.partition),
        ]
        if offset < bounds.logStart {
            log.error(
                "records are gone: retention has overtaken the group's offset",
                fields + [.integer("records", bounds.logStart - offset)])
        } else {
            log.error(
                "the group's offset lies beyond the partition's end: the topic was made anew, and is read whole", fields
            )
        }
        return bounds.logStart
    }

    /// Gives all partitions up, the strategy being an eager one. What is in hand of them is the next owner's.
    private func revoke(isLost: Bool) {
        if isLost { log.warning("the group has given this member's partitions away") }
        drop()
        try? consumer.unassign()
    }

    private func drop() {
        for (lane, partition) in partitions {
            machine.removeLane(lane)
            partition.batch.reset()
        }
        partitions = [:]
    }

    /// A partition reports an error. One whose position its log does not hold is not read any more, and librdkafka refuses to
    /// seek it: ``takeOnAnew()`` has to follow.
    func handle(_ error: KafkaError?, of partition: SagaPartition) {
        guard let error else { return }
        log.warning("a partition cannot be read", [.string("reason", "\(error)")])
        if error.kind == .offsetOutOfRange { mustTakeOnAnew = true }
    }

    /// Takes all partitions on once more, from the group's offsets: what is in hand comes again, and is known by then.
    func takeOnAnew() {
        mustTakeOnAnew = false
        let assigned = partitions.values.map(\.partition)
        drop()
        try? consumer.unassign()
        assign(assigned)
    }
}
