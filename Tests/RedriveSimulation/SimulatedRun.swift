import Redrive

/// What one run was asked to do; all of its copies share it.
struct SimulatedRun {
    let name: String
    let delivery: Delivery
    /// Records whose id leaves this remainder are selected; nil selects all.
    let filter: (modulus: Int, remainder: Int)?
    let limit: Int64?
    /// Records a transaction.
    let batch: Int

    func verdict(_ record: ModelBroker.SourceRecord) -> Verdict {
        if let filter, record.id % filter.modulus != filter.remainder { return .skip }
        return Self.parkReason(record.id).map { .park(reason: $0) } ?? .redrive
    }

    /// Of records that go to the parked topic whatever the destination takes.
    static func parkReason(_ id: Int) -> String? { id % 17 == 3 ? "retries" : nil }

    static let bytesOfRecord = 10
}
