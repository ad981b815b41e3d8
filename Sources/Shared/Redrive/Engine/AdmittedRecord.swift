/// A record of the transaction in hand, with what must be undone if it does not reach its topic.
struct AdmittedRecord: Sendable {
    let partition: Int32
    let offset: Int64
    let verdict: Verdict
    /// Of key and value.
    let bytes: Int

    /// As the delivery's failure names it.
    var attempt: PublishAttempt {
        var byParking = false
        if case .park = verdict { byParking = true }
        return PublishAttempt(partition: partition, offset: offset, byParking: byParking)
    }
}
