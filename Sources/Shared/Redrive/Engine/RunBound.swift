/// How much of what nobody wants a run may do before it ends with work left.
package struct RunBounds: Equatable, Sendable {
    /// Records that may be parked; nil is no bound.
    package var parked: Int64?
    /// Records that may turn out to be publishable nowhere, or only on the parked topic because their destination refused
    /// them; nil is no bound.
    package var errors: Int64?

    /// Bounds of these parts; without any a run has none.
    package init(parked: Int64? = nil, errors: Int64? = nil) {
        self.parked = parked
        self.errors = errors
    }

    /// Whether there is no bound.
    package var isEmpty: Bool { parked == nil && errors == nil }

    /// What is left of them for another run after one that came to `tally`.
    package func left(after tally: RunTally) -> RunBounds {
        RunBounds(
            parked: parked.map { max(0, $0 - tally.parkedTotal) }, errors: errors.map { max(0, $0 - tally.errors) })
    }
}

extension RunTally {
    /// Records that could be published nowhere, or only on the parked topic because their destination refused them.
    fileprivate var errors: Int64 { rejected + (parked[ParkReason.unpublishable] ?? 0) }
}

/// Which bound ended a run.
package enum RunBound: String, Equatable, Sendable {
    case parked, errors
}

extension LaneMachine {
    /// Whether a bound has been reached: the record that would break it was neither passed nor left behind.
    package var isBounded: Bool { reachedBound != nil }

    /// The bound that a record with this verdict would break; the record is then left for another run, not done.
    func bound(against verdict: Verdict) -> RunBound? {
        let bounds = configuration.bounds
        guard !bounds.isEmpty else { return nil }
        func broken(_ limit: Int64?, _ count: (RunTally) -> Int64) -> Bool {
            limit.map { count(tally) + count(counts.pending) >= $0 } ?? false
        }
        let isError = verdict == .reject || verdict == .park(reason: ParkReason.unpublishable)
        if isError, broken(bounds.errors, \.errors) {
            return .errors
        }
        if case .park = verdict, broken(bounds.parked, \.parkedTotal) { return .parked }
        return nil
    }
}
