import CommandLine

/// The flags of `mock-services`.
enum Flags {
    static let topic = Flag(
        "topic", kind: .repeatable, placeholder: "NAME:PARTITIONS", section: "Kafka",
        help: "Create this topic at start; others appear with 4 partitions when they are first used")
    static let brokers = Flag(
        "brokers", placeholder: "N", default: "1", section: "Kafka", help: "Brokers of the mock cluster, 1 to 9")
    static let registryPort = Flag(
        "registry-port", placeholder: "PORT", default: "0", section: "Schema registry",
        help: "Port of the registry; 0 takes a free one")
    static let registryPath = Flag(
        "registry-path", placeholder: "PATH", default: "/", section: "Schema registry",
        help: "Path of the registry's API, for example /apis/ccompat/v7")
    static let failFirst = Flag(
        "fail-first", placeholder: "N", default: "0", section: "Faults",
        help: "Answer the registry's first N requests with 503")
    static let delay = Flag(
        "delay-ms", placeholder: "N", default: "0", section: "Faults",
        help: "Answer the registry's requests N milliseconds late")
    static let exitWithParent = Flag(
        "exit-with-parent", kind: .toggle, section: "Process",
        help: "End when the process that started this one has ended")

    static let table = FlagTable(
        program: "mock-services", version: ToolkitVersion.current,
        summary: "stand-ins for Kafka and the schema registry, for demos and tests",
        description: [
            """
            Hosts librdkafka's mock Kafka cluster and a Confluent-compatible schema registry on free ports of \
            127.0.0.1, in memory. When both are ready it prints KAFKA_BROKER=HOST:PORT, SCHEMA_REGISTRY_URL=URL, \
            MOCK_ADMIN_URL=URL and READY, a line each, and serves until SIGINT or SIGTERM.
            """,
            """
            The mock cluster has groups and transactions but proves nothing about exactly-once: it does not store \
            commits made in transactions, hands aborted records to every reader, fences nobody, and keeps at most \
            5 MB or 100,000 records a partition.
            """,
            """
            Faults: POST to MOCK_ADMIN_URL/registry {"failFirst":N,"status":503,"delayMs":N}, to /kafka/errors \
            {"api":"Produce","errors":["NOT_ENOUGH_REPLICAS"]}, to /kafka/brokers \
            {"broker":1,"isUp":false,"roundTripMs":N}, to /kafka/topics {"name":"t","partitions":N}; GET /requests \
            counts what the registry was asked.
            """,
        ],
        subcommands: [
            Subcommand(
                "serve", summary: "Serve until stopped (the default)",
                flags: [topic, brokers, registryPort, registryPath, failFirst, delay, exitWithParent])
        ],
        exitCodes: [.done, .failed, .usage, .interrupted, .terminated])
}
