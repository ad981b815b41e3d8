/// How long servers are loaded, and what is ended meanwhile.
package struct ServerPlan: Sendable {
    /// Each ends everything of ``outages`` once.
    package var rounds = 3
    package var outages = Outage.allCases
    /// Decides moments, order, and the load.
    package var seed: UInt64 = 1
    package var merchants = 20
    package var awardsPerSecond = 100.0
    package var pointsPerSecond = 200.0
    /// The longest pause, in seconds, between two outages, and the longest time that something stays away.
    package var pause = 4.0
    package var away = 4.0

    package init() {}
}

/// What came of it.
package struct ServerReport: Sendable, CustomStringConvertible {
    package var recoveries: [Recovery] = []
    /// What differs; at most 20 of each kind.
    package var faults: [String] = []
    /// Lines that tell what was done.
    var figures: [String] = []
    package var seconds = 0.0

    package init() {}

    package var isClean: Bool { faults.isEmpty }

    package var description: String {
        let verdict = "\(isClean ? "clean" : "NOT CLEAN"): \(recoveries.count) outages, \(Int(seconds)) s"
        return
            ([verdict] + figures + ["seconds, median (worst):"] + Recovery.table(recoveries) + faults)
            .joined(separator: "\n")
    }

    mutating func fail(_ faults: some Sequence<String>) { self.faults += faults.prefix(20) }
}
