import CommandLine
import Configuration
import Events
import Runs

/// What defines a run: sources, destination, filters, as they were given. Under one name it is the same every time; a
/// start that gives none of it takes it from the run's record.
struct RunDefinition: Sendable, Equatable {
    /// By flag, in the order of the table.
    private(set) var settings: [RunRecord.Setting]
    /// What `--since` and `--until` came to at the first start, milliseconds since 1970.
    private(set) var window: (since: Int64?, until: Int64?)

    private static let sinceName = "resolved-since"
    private static let untilName = "resolved-until"

    init(_ reader: OptionReader, window: (since: Int64?, until: Int64?)) {
        settings = Flags.definition.filter(reader.isGiven).map { flag in
            .init(flag.long, reader.values(of: flag).map(\.text))
        }
        self.window = window
    }

    /// What a run's record says.
    init(_ record: RunRecord) {
        func time(_ name: String) -> Int64? {
            record.definition.first { $0.name == name }?.values.first.flatMap { RFC3339.parse($0) }
        }
        settings = record.definition.filter { $0.name != Self.sinceName && $0.name != Self.untilName }
        window = (time(Self.sinceName), time(Self.untilName))
    }

    /// As a run's record keeps it.
    var recorded: [RunRecord.Setting] {
        var all = settings
        for (name, time) in [(Self.sinceName, window.since), (Self.untilName, window.until)] {
            if let time { all.append(.init(name, [RFC3339.string(milliseconds: time)])) }
        }
        return all
    }

    /// In one line, the same for the same definition.
    var text: String {
        JSONValue.object(
            normal.sorted { $0.key < $1.key }.map { .init($0.key, .array($0.value.map { .string($0) })) }
        ).line
    }

    /// Whether nothing was given.
    var isEmpty: Bool { settings.isEmpty }

    /// The arguments that give it again, with its times as they were at the first start.
    var arguments: [String] {
        settings.flatMap { setting -> [String] in
            let fixed: Int64? =
                switch setting.name {
                case "since": window.since
                case "until": window.until
                default: nil
                }
            if let fixed { return ["--\(setting.name)=\(RFC3339.string(milliseconds: fixed))"] }
            return setting.values.map { "--\(setting.name)=\($0)" }
        }
    }

    /// Equal where the same was typed: `-2h` means what it meant at the first start.
    static func == (left: Self, right: Self) -> Bool { left.normal == right.normal }

    private var normal: [String: [String]] {
        Dictionary(settings.map { ($0.name, $0.values.sorted()) }, uniquingKeysWith: +)
    }

    /// The settings in which it differs from another, for people.
    func differences(from other: RunDefinition) -> [String] {
        let (mine, theirs) = (normal, other.normal)
        return Set(mine.keys).union(theirs.keys).sorted().filter { mine[$0] != theirs[$0] }.map { name in
            func text(_ values: [String]?) -> String { values.map { $0.joined(separator: ", ") } ?? "not given" }
            return "--\(name): \(text(theirs[name])), now \(text(mine[name]))"
        }
    }
}
