import Configuration
import Testing

@testable import CommandLine

/// A table with one of everything, of the size of a real program's.
enum Sample {
    static let rate = Flag(
        "rate", placeholder: "N|max", default: "100", section: "Pace", help: "Records a second at most")
    static let merchant = Flag(
        "merchant", kind: .repeatable, placeholder: "ID", section: "Selection",
        help: "Only records of this merchant; may be repeated")
    static let since = Flag(
        "since", placeholder: "TIME", section: "Selection",
        help: "Only records from this time on: RFC 3339 with a zone, or -2h for two hours ago")
    static let until = Flag("until", placeholder: "TIME", section: "Selection", help: "Only records before this time")
    static let limit = Flag("limit", placeholder: "N", section: "Pace", help: "Stop after N records")
    static let delivery = Flag(
        "delivery", default: "exactly-once", choices: ["exactly-once", "at-least-once"], section: "Pace",
        help: "The guarantee that the run gives")
    static let password = Flag(
        "schema-registry-password-file", kind: .secretFile, placeholder: "FILE", env: "SCHEMA_REGISTRY_PASSWORD",
        completion: .file, section: "Connection", help: "File that holds the password for the schema registry")
    static let follow = Flag("follow", kind: .toggle, section: "Pace", help: "Go on with records that arrive later")
    static let create = Flag("create", kind: .toggle, inFile: false, section: "Topics", help: "Create what is missing")
    static let all = Flag(
        "all", short: "a", kind: .toggle, inFile: false, section: "Selection", help: "Show what is done as well")
    static let topic = Flag.topic.with(default: "gamification.dlq", env: "GAMIFICATION_DLQ", help: "Dead-letter topic")

    static let selection: [Flag] = [topic, merchant, since, until]

    static let table = FlagTable(
        program: "sample", version: "1.2.3", date: "2026-01-31",
        summary: "process a dead-letter queue again, each record once",
        description: [
            "Takes the records that consumers of several teams gave up on and publishes each of them again exactly "
                + "once; those that can never succeed are set aside with the reason.",
            "Progress is kept in Kafka itself: a run that was stopped goes on where it was.",
        ],
        subcommands: [
            Subcommand(
                "drain", summary: "Redrive what is left", description: ["Asks before it publishes anything."],
                flags: selection + [.to, .group, rate, limit, delivery, follow, .yes, .dryRun, .expectClusterID],
                examples: [.init("sample drain --merchant 'm-1' --yes", "One merchant's records, without a question")]),
            Subcommand("list", summary: "Show what is left", flags: selection + [all]),
            Subcommand(
                "show", summary: "Show one record whole",
                positionals: [.init("PARTITION:OFFSET", help: "the record's place in the topic")], flags: [topic]),
            Subcommand("topics", summary: "Show or create the topics needed", flags: [create, .yes, .dryRun]),
            Subcommand("progress reset", summary: "Forget the progress of a group", flags: [.group, .yes]),
        ],
        commonFlags: [
            .bootstrapServers, .properties, .schemaRegistry, password, .config, .output, .logLevel, .logFormat,
            .metricsFile, .progress,
        ],
        files: [.init("~/.sample", "Nothing, an example.")],
        examples: [.init("sample list -b kafka-1:9092", "What is left, and why it failed")],
        seeAlso: ["replay(1)"])

    /// The raw stage on arguments separated by blanks.
    static func parse(_ arguments: String) -> ParsedArguments {
        ArgumentParser(table: table).parse(arguments.split(separator: " ").map(String.init))
    }

    /// Parser and reader together.
    static func reader(_ arguments: [String], environment: [String: String] = [:]) throws -> OptionReader {
        let invocation = Invocation.read(
            table, arguments: arguments, environment: Environment(environment), style: .plain)
        guard case .run(let reader) = invocation else {
            Issue.record("not a command: \(arguments)")
            throw ValueError("not a command")
        }
        return reader
    }
}
