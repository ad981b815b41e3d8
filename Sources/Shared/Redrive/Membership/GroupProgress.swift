import Kafka
package import Lifecycle

/// What a group has done of its sources, asked and taken away without joining it.
///
/// Blocking: on a blocking executor.
package struct GroupProgress {
    private let settings: RedriveSettings
    private let slots: [Int32]
    private let stop: StopFlag
    private let notify: @Sendable (String) -> Void

    /// - Parameters:
    ///   - slots: of the sources, all that the run has.
    ///   - stop: ends the wait for open transactions.
    ///   - notify: told in a sentence what is waited for.
    package init(
        _ settings: RedriveSettings, slots: [Int32], stop: StopFlag, notify: @escaping @Sendable (String) -> Void
    ) {
        self.settings = settings
        self.slots = slots
        self.stop = stop
        self.notify = notify
    }

    /// Where the group stands in each slot, asked without joining it.
    package func load() throws -> [PartitionStart] { try asking { try $0.load(slots) } }

    /// Makes tombstones of everything that stands in the progress topic, for a run that fixes its range and filter by its
    /// name. Only once its record says that it is finished: a copy that finds neither would begin anew.
    package func remove() throws {
        guard let topic = settings.progressTopic else { return }
        let stamp = ProgressStamp(run: settings.run, copy: settings.copy, sequence: 0)
        let (records, count) = try asking { store in
            let records = try store.remains(of: slots).sorted { $0.key < $1.key }.flatMap { slot, remains in
                remains.tombstones(owner: store.owner(of: slot), stamp: stamp)
            }
            return (records, try store.progressPartitionCount(of: topic))
        }
        guard !records.isEmpty else { return }
        let producer = try KafkaProducer(settings.kafka, transactionalID: nil)
        defer { producer.close(timeout: .seconds(5)) }
        do {
            let handle = try producer.topic(topic)
            for record in records {
                try handle.send(
                    OutgoingRecord(
                        partition: KeyPartitioner.partition(of: record.key.owner.key, count: count),
                        key: Array(record.key.text.utf8), value: nil))
            }
        }
        try producer.flush(timeout: settings.patience)
        if let failure = producer.takeFailures().failures.first { throw failure.error }
    }

    private func asking<Answer>(_ body: (ProgressStore) throws -> Answer) throws -> Answer {
        let member = try KafkaConsumer(settings.kafka, group: settings.group, isolation: .readCommitted)
        defer { member.close(timeout: .seconds(5)) }
        let store = try ProgressStore(settings, member: member, stop: stop, notify: notify)
        defer { _ = store.close(timeout: .seconds(5)) }
        return try body(store)
    }
}
