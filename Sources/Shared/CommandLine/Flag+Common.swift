/// Flags that mean the same in every program that has them.
extension Flag {
    /// The heading of flags that every program has.
    package static let generalSection = "General"

    /// `-b`, `--bootstrap-servers`: the Kafka brokers to start from.
    package static let bootstrapServers = Flag(
        "bootstrap-servers", short: "b", placeholder: "HOST:PORT,…", env: "KAFKA_BROKER", section: "Connection",
        help: "Kafka brokers to start from, separated by commas")

    /// `-X name=value`: any librdkafka property.
    package static let properties = Flag(
        "property", short: "X", kind: .pairs, placeholder: "NAME=VALUE", env: "KAFKA_X_", section: "Connection",
        help: "Set a librdkafka property, for example security.protocol=SSL; may be repeated",
        detail: """
            In the environment the property's name is in capitals with _ for the dots: KAFKA_X_SASL_PASSWORD sets \
            sasl.password. Passwords and keys are not taken from the command line, where every user of the machine \
            can read them: give NAME=@FILE, the environment variable, or the configuration file.
            """)

    /// `--schema-registry`: base URL of the registry, which may have a path.
    package static let schemaRegistry = Flag(
        "schema-registry", placeholder: "URL", env: "SCHEMA_REGISTRY_URL", section: "Connection",
        help: "Schema registry, needed to decode records")

    /// `--expect-cluster-id`: a guard against the wrong cluster.
    package static let expectClusterID = Flag(
        "expect-cluster-id", placeholder: "ID", section: "Safety",
        help: "Refuse to run on any other Kafka cluster")

    /// `--topic`: the topic a program works on.
    package static let topic = Flag(
        "topic", placeholder: "TOPIC", completion: .dynamic("topics"), section: "Selection", help: "Topic to read")

    /// `--to`: where records go.
    package static let to = Flag(
        "to", placeholder: "replay|origin|TOPIC", default: "replay", completion: .dynamic("destinations"),
        section: "Destination", help: "Where records are published")

    /// `--group`: the consumer group that holds the progress.
    package static let group = Flag(
        "group", placeholder: "GROUP", completion: .dynamic("groups"), section: "Progress",
        help: "Consumer group that keeps the progress")

    /// `--config FILE`.
    package static let config = Flag(
        "config", placeholder: "FILE", env: "GAMIFICATION_CONFIG", inFile: false, completion: .file,
        section: generalSection, help: "Read settings from FILE: lines of key = value, the keys being long flag names",
        detail: """
            A line that begins with # is a comment. Lines before the first [PROGRAM] heading hold for every program, \
            those below a heading for that program alone. A value is the rest of its line, without quotes. Command \
            line and environment win over the file.
            """)

    /// `--output table|json`.
    package static let output = Flag(
        "output", default: "table", choices: ["table", "json"], section: generalSection,
        help: "Form of the results on standard output")

    /// `--log-level`.
    package static let logLevel = Flag(
        "log-level", placeholder: "LEVEL", default: "info", choices: ["debug", "info", "warning", "error"],
        section: generalSection, help: "Least severe messages to log: debug, info, warning or error")

    /// `--log-format text|json`.
    package static let logFormat = Flag(
        "log-format", default: "text", choices: ["text", "json"], section: generalSection,
        help: "Form of the log on standard error")

    /// `-y`, `--yes`: the answer to every question.
    package static let yes = Flag(
        "yes", short: "y", kind: .toggle, inFile: false, section: "Safety",
        help: "Do not ask; needed for changes where no terminal can be asked")

    /// `-n`, `--dry-run`: read and report, change nothing.
    package static let dryRun = Flag(
        "dry-run", short: "n", kind: .toggle, inFile: false, section: "Safety",
        help: "Read and report only: join no group, write nothing")

    /// `--metrics-file FILE`.
    package static let metricsFile = Flag(
        "metrics-file", placeholder: "FILE", completion: .file, section: generalSection,
        help: "Write the final counts to FILE in Prometheus text format")

    /// `--progress auto|always|never`.
    package static let progress = Flag(
        "progress", default: "auto", choices: ["auto", "always", "never"], section: generalSection,
        help: "Show progress: auto does on a terminal")

    /// `-h`, `--help`: part of every table.
    static let help = Flag(
        "help", short: "h", kind: .toggle, inFile: false, section: generalSection, help: "Show this help")

    /// `--version`: part of every table.
    static let version = Flag(
        "version", kind: .toggle, inFile: false, section: generalSection, help: "Show the version")

    /// The flags about logs.
    package static let logging: [Flag] = [.logLevel, .logFormat]

    /// Every flag above that a configuration file may hold for all programs at once.
    static let sharedInFiles: [Flag] = [
        .bootstrapServers, .properties, .schemaRegistry, .expectClusterID, .output, .logLevel, .logFormat,
        .metricsFile, .progress,
    ]

    /// Keys of settings that only some programs have but which mean the same everywhere, beside `sharedInFiles`.
    static let sharedKeys = [
        "redis", "redis-user", "redis-password-file", "redis-durable", "redis-durable-user",
        "redis-durable-password-file", "redis-key-style", "postgres",
    ]
}
