/// How many records are drained and how often the drain is killed meanwhile.
package struct KillPlan: Sendable {
    package var kills = 12
    package var records = 20_000
    package var partitions = 6
    /// Copies side by side.
    package var copies = 2
    /// Whether brokers are killed and restarted too, one after the other.
    package var killsBrokers = false
    /// Decides the random moments.
    package var seed: UInt64 = 1
    /// Whether the progress topic is there.
    package var keepsProgress = true
    /// Further arguments of every copy.
    package var options: [String] = []
    /// Seconds after which the proof gives up.
    package var deadline: Double = 300

    package init() {}

    var recordsPerPartition: Int { (records + partitions - 1) / partitions }
}

/// What came of it.
package struct KillReport: Sendable, CustomStringConvertible {
    /// Kills that ended a copy whose records had begun to reach the destination.
    package var kills = 0
    /// Of these, the ones that left a transaction open.
    package var insideTransaction = 0
    /// Copies that ended otherwise, and how; at most 20.
    package var failures: [String] = []
    /// Brokers killed and restarted.
    package var brokerKills = 0
    /// Copies started.
    package var starts = 0
    package var records = 0
    package var lost = 0
    package var twice = 0
    package var disordered = 0
    package var altered = 0
    /// Records at the destination that belong to aborted transactions.
    package var aborted = 0
    /// Records on the parked topic.
    package var parked = 0
    package var faults: [String] = []
    /// Whether the readers saw stable and latest end agree before they counted.
    package var settled = false
    package var seconds = 0.0

    package init() {}

    /// Whether nothing was lost, repeated, reordered or changed, and every copy that was not killed ended well.
    package var isClean: Bool {
        settled && lost == 0 && twice == 0 && disordered == 0 && altered == 0 && parked == 0 && failures.isEmpty
    }

    package var description: String {
        let verdict = isClean ? "clean" : "NOT CLEAN"
        let lines =
            [
                "\(verdict): \(records) records, \(kills) kills (\(insideTransaction) inside an open transaction), "
                    + (brokerKills > 0 ? "\(brokerKills) brokers killed and restarted, " : "")
                    + "\(starts) copies started, \(Int(seconds)) s",
                "lost \(lost), twice \(twice), out of order \(disordered), altered \(altered), parked \(parked); "
                    + "\(aborted) records of aborted transactions, never seen by read_committed"
                    + (settled ? "" : "; the destination never became stable"),
            ] + failures + faults
        return lines.joined(separator: "\n")
    }
}
