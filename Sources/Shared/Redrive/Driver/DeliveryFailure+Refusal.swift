import Kafka

extension DeliveryFailure {
    /// What a broker objected to.
    enum Refusal { case record, batch }

    /// Whether a broker will never take the record, however often it is sent, and whether that is known of the record or
    /// only of its batch; nil for other failures.
    var refusal: Refusal? {
        switch error.kind {
        // A batch of more than one record stays below what every destination takes, but not below a segment's size.
        case .messageTooLarge: error.name == "RECORD_LIST_TOO_LARGE" ? .batch : .record
        case .invalidRecord: .batch
        // A broker's plug-in that looks at records may say that.
        case .configuration where error.name == "POLICY_VIOLATION": .batch
        default: nil
        }
    }
}

extension RefusedRecords {
    /// The refusals among failed deliveries.
    init(_ failures: [DeliveryFailure]) {
        self.init()
        for failure in failures {
            guard let record = RecordTag.record(of: failure.tag) else { continue }
            switch failure.refusal {
            case .record: singly.append(record)
            case .batch: inBatches.append(record)
            case nil: break
            }
        }
    }
}
