import CommandLine
import Lifecycle
import ToolKit
import Translations

/// What a run came to.
struct CleanupOutcome: Sendable {
    /// Names that a dry run lists.
    static let namesListed = 1_000

    let isDryRun: Bool
    /// The archive that was put back; nil where it was pruned.
    let restore: String?
    var target = ""
    /// The index that pages were read by.
    var index: String?
    var tally = PruneTally()
    var restored = Restorer.Tally()
    var survey: Survey?
    /// Of a dry run: groups of which something goes, and the first of them.
    var groups = 0
    var names: [String] = []
    /// Rows that would go.
    var victims = 0
    var hasWorkLeft = false
    /// Rows that should go and are still there; nil where they could not be, or were not, counted.
    var remaining: Int?
    var ranOutOfTime = false
    var isAtLimit = false
    /// Without caches: the first of the cached names that may be out of date.
    var staleNames: [String] = []
    var seconds = 0.0
    var refusal: Refusal?
    var metricsFailure: String?
    var signal: StopSignal?

    init(isDryRun: Bool, restore: String?) {
        self.isDryRun = isDryRun
        self.restore = restore
    }

    /// Takes groups of a dry run.
    mutating func note(_ works: [GroupWork]) {
        groups += works.count
        for work in works {
            victims += work.victims.count
            if names.count < Self.namesListed { names.append(work.group.cacheName) }
        }
    }

    /// Several may apply; the contract says which one counts.
    var exitCode: ExitCode {
        var codes: [ExitCode] = []
        if let signal { codes.append(ExitCode.signal(signal.rawValue) ?? .failed) }
        if let refusal { codes.append(refusal.code) }
        if metricsFailure != nil { codes.append(.failed) }
        if hasWorkLeft, !isAtLimit, !isDryRun { codes.append(.stoppedEarly) }
        if restored.left > 0 { codes.append(.stoppedEarly) }
        if restored.refused + restored.damagedRecords + restored.damagedBlocks > 0 { codes.append(.partial) }
        return ExitCode.most(of: codes)
    }
}
