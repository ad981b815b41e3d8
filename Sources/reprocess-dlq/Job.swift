import CommandLine
import Redrive

/// What a command does with the records that it selects.
enum Job: Sendable, Equatable {
    case drain
    /// What a plan says, and nothing else.
    case apply
    /// Sets them aside for this reason.
    case park(reason: String)
    /// Takes them back from the parked topic.
    case unpark
    /// Makes them done with nothing but a copy in a file.
    case discard(reason: String, archive: String)

    /// The job of the command that was called.
    init(_ reader: inout OptionReader) {
        switch reader.command.name {
        case JobCommands.apply.name: self = .apply
        case JobCommands.park.name: self = .park(reason: Self.reason(&reader))
        case JobCommands.unpark.name: self = .unpark
        case JobCommands.discard.name:
            self = .discard(reason: Self.reason(&reader), archive: reader.text(JobCommands.archive, limit: 4_096))
        default: self = .drain
        }
    }

    /// It stands in headers, archives, reports and metrics, which hold nothing about persons.
    private static func reason(_ reader: inout OptionReader) -> String {
        let reason = reader.text(JobCommands.reason)
        if PersonalData.masked(reason) != reason {
            reader.report(
                JobCommands.reason,
                "seems to hold an email address, a password or a token; say it without, for instance by id")
        }
        return reason
    }

    /// The command's name.
    var name: String {
        switch self {
        case .drain: "drain"
        case .apply: "apply"
        case .park: "park"
        case .unpark: "unpark"
        case .discard: "discard"
        }
    }

    /// What is done to a record that is published to its destination.
    var verb: String {
        switch self {
        case .park: "park"
        case .unpark: "unpark"
        case .discard: "discard"
        case .drain, .apply: "redrive"
        }
    }

    /// What a progress line begins with.
    var progressLabel: String {
        switch self {
        case .drain, .apply: "redriving"
        case .park: "parking"
        case .unpark: "bringing back"
        case .discard: "discarding"
        }
    }

    var purpose: DrainRules.Purpose {
        switch self {
        case .drain, .apply: .redrive
        case .park(let reason), .discard(let reason, _): .park(reason: reason)
        case .unpark: .unpark
        }
    }

    /// Whether records go to a destination.
    var redrives: Bool {
        switch self {
        case .park, .discard: false
        case .drain, .apply, .unpark: true
        }
    }

    /// Whether bodies decide, so that there must be a schema registry or `--no-decode`.
    var judgesBodies: Bool { self != .apply }

    /// Whether parking is what was asked for, and no blemish.
    var parksOnPurpose: Bool { self == .apply || !redrives }

    /// Why no other copy may work beside it; nil where some may.
    var soleReason: String? {
        switch self {
        case .apply, .discard: name
        case .drain, .park, .unpark: nil
        }
    }

    /// Commands that no other run may work beside.
    static let soleCommands: Set<String> = [JobCommands.apply.name, JobCommands.discard.name]

    /// The file that discarded records go to; nil for every other job.
    var archive: String? { if case .discard(_, let path) = self { path } else { nil } }

    /// Whether records may go to the parked topic.
    var parks: Bool { self != .unpark && archive == nil }

    /// Why, as the operator said; nil where that is not asked.
    var reason: String? {
        switch self {
        case .park(let reason), .discard(let reason, _): reason
        case .drain, .apply, .unpark: nil
        }
    }
}
