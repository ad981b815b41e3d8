import CommandLine
import ToolKit

/// What became of a canary.
struct CanaryOutcome: Sendable, Equatable {
    enum State: String, Sendable {
        /// There was nothing that could be redriven first.
        case none
        case passed
        case failedAgain = "failed_again"
        case notConsumed = "not_consumed"
        /// A signal, or an error before it was decided.
        case undecided
    }

    /// The run that its records name.
    let run: String
    var records: Int64 = 0
    let groups: [String]
    var state = State.undecided
    var seconds = 0.0

    /// For people.
    var sentence: String {
        let who = groups.joined(separator: ", ")
        return switch state {
        case .none: "nothing to try"
        case .passed: "\(HumanText.count(records)) records, processed by \(who)"
        case .failedAgain: "\(HumanText.count(records)) records, failed again"
        case .notConsumed: "\(HumanText.count(records)) records, not processed by \(who)"
        case .undecided: "\(HumanText.count(records)) records, not decided on"
        }
    }

    var json: JSONValue {
        .object([
            .init("run", .string(run)), .init("records", .integer(records)),
            .init("groups", .array(groups.map { .string($0) })), .init("result", .string(state.rawValue)),
            .init("seconds", .number(seconds)),
        ])
    }
}

extension CanaryOutcome.State {
    /// What waiting for it has shown.
    init(_ result: CanaryWatch.Result) {
        self =
            switch result {
            case .passed: .passed
            case .failedAgain: .failedAgain
            case .notConsumed, .notReadable: .notConsumed
            case .stopped: .undecided
            }
    }
}
