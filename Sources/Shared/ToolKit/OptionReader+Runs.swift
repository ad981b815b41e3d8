package import CommandLine
import Configuration
package import Pacing

/// Options that every command has which starts a run.
extension OptionReader {
    /// The longest name of a run, bytes.
    private static var longestName: Int { 100 }

    /// The name of a run; nil if absent.
    package mutating func runName(_ flag: Flag) -> String? {
        let name = optionalName(flag)
        if let name, name.utf8.count > Self.longestName || name.contains(where: { $0 == " " || $0.isNewline }) {
            report(flag, "may have at most \(Self.longestName) bytes and no blanks")
        }
        return name
    }

    /// `--rate`, or `--ramp` in its place, and the text that says so again.
    package mutating func pace(_ rate: Flag) -> (profile: RateProfile, text: String) {
        let ramp = optional(RedriveFlags.ramp) { text throws(ValueError) in
            guard text.contains(":") else {
                throw ValueError(text, isNot: "a ramp", give: "FROM:TO:DURATION, for example 10:100:5m")
            }
            do throws(PacingError) { return try RateProfile(parsing: text) } catch { throw ValueError("\(error)") }
        }
        let limit = self.rate(rate)
        if let ramp {
            if isGiven(rate) { report(RedriveFlags.ramp, "stands in for --\(rate.long); give one of them") }
            return (ramp, values(of: RedriveFlags.ramp).last?.text ?? "")
        }
        return switch limit {
        case .unlimited: (.unlimited, limit.description)
        case .perSecond(let count): (.constant(Double(count)), limit.description)
        }
    }
}
