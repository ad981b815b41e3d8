/// What is to become of one record; a pure function of the record, the filters and the run's settings decides it.
package enum Verdict: Equatable, Sendable {
    /// Publish to the run's destination.
    case redrive
    /// Publish to the parked topic; the reason is one of a small closed set.
    case park(reason: String)
    /// Re-append to the source topic unchanged (`--skipped requeue`).
    case requeue
    /// The filters do not select it: it stays, not done.
    case skip
    /// Selected, and no destination takes it: it stays, not done, and the run ends with exit 3.
    case reject
}

/// What the machine answers when a record is offered to it.
package enum Admission: Equatable, Sendable {
    /// Publish it in the open transaction, as the verdict says.
    case publish
    /// Nothing is to be done with it.
    case pass
}
