import CommandLine
import Pacing
import Redrive
import ToolKit

/// What ends a run early, or lets it wait.
struct GuardOptions: Sendable {
    /// Nil is no bound.
    let runTime: Duration?
    let bounds: RunBounds
    let lagLimits: [LagLimit]
    let lagWait: Duration

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
        lagLimits = reader.list(Self.maxLag, limit: 20) { text throws(ValueError) in try LagLimit(text) }
        lagWait = reader.optionalDuration(Self.lagWait, in: .seconds(1)...(.seconds(30 * 86_400))) ?? .seconds(3_600)
    }

    /// `--ramp`, which stands in for `--rate`.
    static func pace(_ reader: inout OptionReader) -> RedriveSettings.Pace {
        let ramp = reader.optional(Self.ramp) { text throws(ValueError) in
            do throws(PacingError) {
                let profile = try RateProfile(parsing: text)
                if case .ramp = profile { return profile }
            } catch {
                throw ValueError("\(error)")
            }
            throw ValueError(text, isNot: "a ramp", give: "FROM:TO:DURATION, for example 10:500:10m")
        }
        let rate = reader.rate(Flags.rate)
        if let ramp {
            if reader.isGiven(Flags.rate) { reader.report(Self.ramp, "stands in for --rate; give one of them") }
            return .profile(ramp)
        }
        return switch rate {
        case .unlimited: .unlimited
        case .perSecond(let rate): .rate(Double(rate))
        }
    }
}
