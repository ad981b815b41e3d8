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
    /// Whether what is not published becomes done all the same, as in a replay, whose filter never changes.
    let leavesNothing: Bool
    /// Records that may be parked; nil is no bound.
    var maximumParked: Int64?

    func selects(_ id: Int) -> Bool {
        guard let filter else { return true }
        return id % filter.modulus == filter.remainder
    }

    func verdict(_ record: ModelBroker.SourceRecord) -> Verdict {
        guard selects(record.id) else { return leavesNothing ? .drop(reason: nil) : .skip }
        if leavesNothing { return .redrive }
        return Self.parkReason(record.id).map { .park(reason: $0) } ?? .redrive
    }

    /// Of records that go to the parked topic whatever the destination takes.
    static func parkReason(_ id: Int) -> String? { id % 17 == 3 ? "retries" : nil }

    static let bytesOfRecord = 10
}
