import CommandLine
import Events
import Lifecycle
import ToolKit

/// What `list` found.
struct ListOutcome: Sendable {
    let options: ListOptions
    let now: TimePoint
    var survey: QueueSurvey?
    var tally = ListTally()
    /// What the operator should know.
    var notices: [String] = []
    /// Whether everything was read.
    var isComplete = false
    var refusal: Refusal?
    var signal: StopSignal?

    /// How many of a kind are shown by name; the others are counted together.
    static let shown = 10
    /// The same in JSON.
    static let listed = 100

    /// Several may apply; the contract says which one counts.
    var exitCode: ExitCode {
        var codes: [ExitCode] = []
        if let signal { codes.append(ExitCode.signal(signal.rawValue) ?? .failed) }
        if let refusal { codes.append(refusal.code) }
        return ExitCode.most(of: codes)
    }

    func reasons(_ limit: Int) -> LabelRanking { tally.reasons.largest(limit) { $0 } }
    func origins(_ limit: Int) -> LabelRanking { tally.origins.largest(limit) { $0 } }
    func merchants(_ limit: Int) -> LabelRanking {
        tally.merchants.largest(limit) { $0.map { PersonalData.masked($0.description) } ?? "(unknown)" }
    }
    func eventTypes(_ limit: Int) -> LabelRanking {
        tally.eventTypes.largest(limit) { $0?.rawValue ?? "(none of the five)" }
    }
}
