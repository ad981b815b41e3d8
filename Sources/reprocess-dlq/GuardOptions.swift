import CommandLine
import Pacing
import Redrive
import ToolKit

/// What ends a run early, or lets it wait.
struct GuardOptions: Sendable {
    /// Nil is no bound.
    let runTime: Duration?
    let bounds: RunBounds
    let lag: LagOptions

    static let runTime = Flag(
        "run-time", placeholder: "DURATION", section: "Pace",
        help: "End in time: after DURATION what is in hand is committed, and the exit status is 7 if work is left")
    static let maxErrors = Flag(
        "max-errors", placeholder: "N", inFile: false, section: "Safety",
        help: "Stop when more than N records cannot be published to their destination; needs to be the only copy")
    static let maxParked = Flag(
        "max-parked", placeholder: "N", inFile: false, section: "Safety",
        help: "Stop when more than N records would be parked; needs to be the only copy")
    static let maxLag = RedriveFlags.maxLag
    static let lagWait = RedriveFlags.lagWait
    static let ramp = RedriveFlags.ramp
    static let flags = [ramp, maxLag, lagWait, runTime, maxErrors, maxParked]

    init(_ reader: inout OptionReader) {
        runTime = reader.optionalDuration(Self.runTime, in: .seconds(1)...(.seconds(30 * 86_400)))
        bounds = RunBounds(
            parked: reader.optionalInteger(Self.maxParked, in: 0...1_000_000_000_000).map(Int64.init),
            errors: reader.optionalInteger(Self.maxErrors, in: 0...1_000_000_000_000).map(Int64.init))
        lag = LagOptions(&reader)
    }

    /// `--ramp`, which stands in for `--rate`.
    static func pace(_ reader: inout OptionReader) -> RedriveSettings.Pace {
        switch reader.pace(Flags.rate).profile {
        case .unlimited: .unlimited
        case .constant(let rate): .rate(rate)
        case let ramp: .profile(ramp)
        }
    }
}
