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

    func verdict(
        _ record: ModelBroker.SourceRecord, partition: Int32, refused: Set<LaneMachine.Unpublishable>
    ) -> Verdict {
        if let filter, record.id % filter.modulus != filter.remainder { return .skip }
        if refused.contains(.init(partition: partition, offset: record.offset, byParking: true)) { return .reject }
        if refused.contains(.init(partition: partition, offset: record.offset, byParking: false)) {
            return .park(reason: "unpublishable")
        }
        return record.id % 17 == 3 ? .park(reason: "retries") : .redrive
    }

    /// Some records are too large for the destination, some for the parked topic as well.
    func isRefused(_ record: ModelBroker.SourceRecord, parked: Bool) -> Bool {
        Self.isTooLarge(record.id) && (!parked || record.id % 2 == 0)
    }

    static func isTooLarge(_ id: Int) -> Bool { id % 23 == 7 }

    /// Neither destination takes it: it must stay where it is.
    static func isUnpublishable(_ id: Int) -> Bool { isTooLarge(id) && id % 2 == 0 }
}
