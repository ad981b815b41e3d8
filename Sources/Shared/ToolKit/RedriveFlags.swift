package import CommandLine

/// Flags of the tools that redrive records, which mean the same in each of them.
package enum RedriveFlags {
    // MARK: Topics

    /// `--replay-topic`: what `--to replay` means.
    package static let replayTopic = Flag(
        "replay-topic", placeholder: "TOPIC", default: "gamification.replay", completion: .dynamic("topics"),
        section: "Destination", help: "What --to replay means")
    /// `--progress-topic`: what is done above the committed offset.
    package static let progressTopic = Flag(
        "progress-topic", placeholder: "TOPIC", default: "gamification.redrive.progress",
        completion: .dynamic("topics"), section: "Progress",
        help: "Compacted topic that keeps what is done above the committed offset")
    /// `--runs-topic`: who ran what.
    package static let runsTopic = Flag(
        "runs-topic", placeholder: "TOPIC", default: "gamification.redrive.runs", completion: .dynamic("topics"),
        section: "Progress", help: "Compacted topic that keeps who ran what, when, and what it came to")

    // MARK: Run

    /// `--run`: the run's name.
    package static let run = Flag(
        "run", placeholder: "NAME", completion: .dynamic("runs"), section: "Progress",
        help: "Name of the run, written into every record; copies side by side share it. Without it one is made")
    /// `--accept-reset`: follow another program's offset.
    package static let acceptReset = Flag(
        "accept-reset", kind: .toggle, inFile: false, section: "Progress",
        help: "Follow an offset that another program has set for the group")
    /// `--timestamp keep|now`: the time that records are published with.
    package static let timestamp = Flag(
        "timestamp", default: "keep", choices: ["keep", "now"], section: "Destination",
        help: "keep publishes a record with the time it had at its origin; now with the present time, keeping the "
            + "original in a header")

    // MARK: Pace

    /// `--max-lag`: wait for consumers.
    package static let maxLag = Flag(
        "max-lag", kind: .repeatable, placeholder: "TOPIC:GROUP=N", section: "Pace",
        help: "Wait, with no transaction open, while GROUP is more than N records behind on TOPIC; may be repeated")
    /// `--lag-wait`: for how long.
    package static let lagWait = Flag(
        "lag-wait", placeholder: "DURATION", default: "1h", section: "Pace",
        help: "How long --max-lag may wait at a stretch before the run ends with exit status 7")
    /// `--ramp`: a rate that rises or falls.
    package static let ramp = Flag(
        "ramp", placeholder: "FROM:TO:DURATION", inFile: false, section: "Pace",
        help: "In place of --rate: from FROM to TO records a second within DURATION (seconds, or with s, m, h)")

    // MARK: Selection

    /// `--merchant`: by whose event it is.
    package static let merchant = Flag(
        "merchant", kind: .repeatable, placeholder: "ID", inFile: false, section: "Selection",
        help: "Only events of this merchant; may be repeated")
    /// `--event-type`: by the kind of event.
    package static let eventType = Flag(
        "event-type", kind: .repeatable, placeholder: "TYPE", inFile: false,
        completion: .dynamic("event-types"), section: "Selection",
        help: "Only events of this type, for example points.earned; may be repeated")
    /// `--customer`: by whom it is about.
    package static let customer = Flag(
        "customer", kind: .repeatable, placeholder: "ID", inFile: false, section: "Selection",
        help: "Only events of this customer; may be repeated")
    /// `--event-id`: one event.
    package static let eventID = Flag(
        "event-id", kind: .repeatable, placeholder: "ID", inFile: false, section: "Selection",
        help: "Only this event; may be repeated")
    /// `--error-code`: by why it failed.
    package static let errorCode = Flag(
        "error-code", kind: .repeatable, placeholder: "CODE", inFile: false, completion: .dynamic("error-codes"),
        section: "Selection", help: "Only records that failed for this reason; may be repeated")
    /// `--since`: from a time on.
    package static let since = Flag(
        "since", placeholder: "TIME", inFile: false, section: "Selection",
        help: "Only from this time on (inclusive): RFC 3339 with zone, or -2h")
    /// `--until`: before a time.
    package static let until = Flag(
        "until", placeholder: "TIME", inFile: false, section: "Selection",
        help: "Only before this time (exclusive)")
    /// `--time failed|event`: which time that is; the default is the drain's.
    package static let time = Flag(
        "time", default: "failed", choices: ["failed", "event"], section: "Selection",
        help: "What --since and --until mean: when the record failed first, or when the event happened")
    /// What selects records.
    package static let filters = [merchant, eventType, customer, eventID, errorCode, since, until, time]

    // MARK: Schema registry

    /// `--no-decode`: do without a registry.
    package static let noDecode = Flag(
        "no-decode", kind: .toggle, section: "Selection",
        help: "Do not look into payloads: works without a schema registry, and parks no malformed records")
    /// `--schema-registry-ca`: whom to trust.
    package static let registryCA = Flag(
        "schema-registry-ca", placeholder: "FILE", env: "SCHEMA_REGISTRY_CA", completion: .file, section: "Connection",
        help: "Certificates that the registry's own is checked against")
    /// `--schema-registry-user`.
    package static let registryUser = Flag(
        "schema-registry-user", placeholder: "NAME", env: "SCHEMA_REGISTRY_USER", section: "Connection",
        help: "User name for the registry")
    /// `--schema-registry-password-file`.
    package static let registryPassword = Flag(
        "schema-registry-password-file", kind: .secretFile, placeholder: "FILE", env: "SCHEMA_REGISTRY_PASSWORD",
        section: "Connection", help: "File with the password for the registry")
    /// How to reach the registry.
    package static let registryConnection = [Flag.schemaRegistry, registryCA, registryUser, registryPassword]
    /// How bodies are decoded.
    package static let registry = registryConnection + [noDecode]
}
