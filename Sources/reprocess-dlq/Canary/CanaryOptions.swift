import CommandLine
import ToolKit

/// `--canary` and what belongs to it.
struct CanaryOptions: Sendable {
    /// How many records go first.
    let count: Int
    /// The groups that must have committed past them.
    let groups: [String]
    /// How long they are given.
    let wait: Duration

    static let canary = Flag(
        "canary", placeholder: "N", inFile: false, section: "Pace",
        help:
            "Redrive N records first, spread over reasons and merchants, and the rest only if they get through; needs "
            + "to be the only copy",
        detail: """
            They get through when every --canary-group has committed past them at the destination, and none of them is \
            in the dead-letter topic again. If --canary-wait ends before, or one comes back, the run ends with exit \
            status 7 and the rest untouched.
            """)
    static let group = Flag(
        "canary-group", kind: .repeatable, placeholder: "NAME", env: "GAMIFICATION_GROUP",
        completion: .dynamic("groups"), section: "Pace",
        help: "A consumer group of the destination that must process the canary; default gamification-server; may be "
            + "repeated")
    static let patience = Flag(
        "canary-wait", placeholder: "DURATION", default: "5m", section: "Pace",
        help: "How long the canary is waited for")
    static let flags = [canary, group, patience]

    /// The groups that were named, else the server's.
    static func groups(_ reader: inout OptionReader) -> [String] {
        let groups = reader.list(group) { text throws(ValueError) in try ValueText.name(text) }
        return groups.isEmpty ? ["gamification-server"] : groups
    }

    /// Nil where no canary is wanted.
    init?(_ reader: inout OptionReader, groups: [String]) {
        let count = reader.optionalInteger(Self.canary, in: 1...10_000)
        let wait = reader.optionalDuration(Self.patience, in: .seconds(1)...(.seconds(86_400)))
        guard let count else { return nil }
        self.count = count
        self.groups = groups
        self.wait = wait ?? .seconds(300)
    }
}
