import TestSupport

/// What came of a ``BurstProof``.
package struct BurstReport: Sendable, CustomStringConvertible {
    let plan: BurstPlan
    let perSecond: Double
    let microseconds: Double
    let awards: Int
    /// MiB at the most.
    let memory: Double
    let faults: [String]

    /// Whether all was counted once, within both bounds.
    package var isWithinBounds: Bool {
        faults.isEmpty && perSecond >= plan.bounds.perSecond && microseconds <= plan.bounds.microseconds
    }

    package var description: String {
        ([
            "\(plan.events) events of \(plan.customers) customers of \(plan.merchants) merchants waited in \(plan.partitions) "
                + "partitions",
            "\(Int(perSecond)) events a second, at least \(Int(plan.bounds.perSecond))",
            "\(tenths(microseconds)) us of the server's processor time an event, its start and \(awards) awards included, "
                + "at most \(tenths(plan.bounds.microseconds))",
            "peak memory \(tenths(memory)) MiB; totals and boards: \(faults.isEmpty ? "as the reference" : "DIFFER")",
        ] + faults.prefix(20)).joined(separator: "\n")
    }
}
