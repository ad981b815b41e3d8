import Redrive

extension ModelBroker {
    /// A client's producer: what it was given waits until the client sends it, a batch for each topic.
    final class Producer {
        let isTransactional: Bool
        var transaction: Transaction?
        var isFenced = false
        /// Whether a batch of the open transaction was refused: nothing but an abort is left.
        var isErroneous = false
        private(set) var waiting: [Waiting] = []
        private var refused = RefusedRecords()

        struct Waiting {
            let record: SourceRecord
            let partition: Int32
            let sender: Sender
            let parked: Bool

            var attempt: PublishAttempt {
                PublishAttempt(partition: partition, offset: record.offset, byParking: parked)
            }
        }

        init(isTransactional: Bool) { self.isTransactional = isTransactional }

        func add(_ record: Waiting) { waiting.append(record) }

        func refuse(singly records: [Waiting]) { refused.singly += records.map(\.attempt) }

        func refuse(inBatch records: [Waiting]) { refused.inBatches += records.map(\.attempt) }

        var hasRefused: Bool { !refused.isEmpty }

        func takeWaiting() -> [Waiting] {
            defer { waiting = [] }
            return waiting
        }

        func takeRefused() -> RefusedRecords {
            defer { refused = RefusedRecords() }
            return refused
        }
    }

    /// Who published a record.
    struct Sender: Hashable {
        let run: String
        let copy: Int
    }

    /// Takes a record from the application.
    func publish(_ record: Producer.Waiting, by producer: Producer) throws {
        try checkSound(producer)
        producer.add(record)
    }

    /// Sends what waits.
    func deliver(_ producer: Producer) throws {
        guard !producer.isErroneous else { return }
        let waiting = producer.takeWaiting()
        for parked in [false, true] {
            try deliver(waiting.filter { $0.parked == parked }, parked: parked, by: producer)
        }
    }

    /// A record that is too large travels and is refused alone; one that is invalid spoils its batch.
    private func deliver(_ records: [Producer.Waiting], parked: Bool, by producer: Producer) throws {
        guard !records.isEmpty else { return }
        let transaction = producer.isTransactional ? try open(producer) : nil
        let large = records.filter { Objection.isTooLarge($0.record.id, parked: parked) }
        let batch = records.filter { !Objection.isTooLarge($0.record.id, parked: parked) }
        producer.refuse(singly: large)
        if batch.contains(where: { Objection.isInvalid($0.record.id, parked: parked) }) {
            producer.refuse(inBatch: batch)
            refusedBatches += 1
        } else {
            for sent in batch {
                append(
                    Published(
                        id: sent.record.id, partition: sent.partition, offset: sent.record.offset, sender: sent.sender,
                        transaction: transaction, parked: parked))
            }
        }
        if producer.isTransactional, producer.hasRefused { producer.isErroneous = true }
    }
}

/// Which records brokers refuse, by id.
enum Objection {
    /// Some are too large for the destination, some for the parked topic as well.
    static func isTooLarge(_ id: Int, parked: Bool) -> Bool { id % 23 == 7 && (!parked || id % 2 == 0) }

    /// Some are invalid at the destination, some on the parked topic as well.
    static func isInvalid(_ id: Int, parked: Bool) -> Bool { id % 13 == 5 && (!parked || id % 3 == 0) }

    /// The record can only stay where it is.
    static func isUnpublishable(_ id: Int) -> Bool { isTooLarge(id, parked: true) || isInvalid(id, parked: true) }
}
