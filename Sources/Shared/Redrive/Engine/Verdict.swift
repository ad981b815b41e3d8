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
    /// Done without being published, in runs whose filter is fixed by their name: not selected, or, with a reason, not to
    /// be published.
    case drop(reason: String?)
    /// Selected, and no destination takes it: it stays, not done, and the run ends with exit 3.
    case reject
}

extension Verdict {
    /// Whether the record goes to a topic.
    package var isPublished: Bool {
        switch self {
        case .redrive, .park, .requeue: true
        case .skip, .reject, .drop: false
        }
    }
}

/// What the machine answers when a record is offered to it.
package enum Admission: Equatable, Sendable {
    /// Publish it in the open transaction, as the verdict says.
    case publish
    /// Nothing is to be done with it.
    case pass
}
