import Glibc
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
                    let start = max(committed.offset ?? bounds.logStart, bounds.logStart)
                    let gone = committed.offset.map { bounds.logStart - $0 } ?? 0
                    if gone > 0 { tellGone(gone, committed.partition) }
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

    /// A partition reports an error: where retention has overtaken the position, it goes on where the log begins now.
    func handle(_ error: KafkaError?, of partition: SagaPartition) {
        guard let error else { return }
        guard error.kind == .offsetOutOfRange else {
            return log.warning("a partition cannot be read", [.string("reason", "\(error)")])
        }
        do throws(KafkaError) {
            let bounds = try consumer.stableBounds(of: partition.partition, timeout: .seconds(30))
            try consumer.seek([PartitionOffset(partition.partition, offset: bounds.logStart)], timeout: .seconds(30))
            let position = machine.lanes[partition.lane]?.position ?? bounds.logStart
            tellGone(bounds.logStart - position, partition.partition)
        } catch {
            log.warning("a partition cannot be read", [.string("reason", "\(error)")])
        }
    }

    private func tellGone(_ count: Int64, _ partition: TopicPartition) {
        log.error(
            "records are gone: retention has overtaken the group's offset",
            [
                .string("topic", partition.topic), .integer("partition", partition.partition),
                .integer("records", count),
            ])
    }
}

/// The time of day.
enum WallClock {
    /// Milliseconds since 1970.
    static func milliseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
