extension LaneMachine {
    /// What becomes of a record that may have been refused before: by its destination, then it goes to the parked topic;
    /// by that as well, then it stays.
    package func reconsidered(_ verdict: Verdict, _ partition: Int32, _ offset: Int64) -> Verdict {
        guard verdict != .skip else { return verdict }
        if unpublishable.contains(.init(partition: partition, offset: offset, byParking: true)) { return .reject }
        if unpublishable.contains(.init(partition: partition, offset: offset, byParking: false)) {
            return .park(reason: ParkReason.unpublishable)
        }
        return verdict
    }
}
