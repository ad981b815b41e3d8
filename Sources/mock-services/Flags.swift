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
    static let usersPort = Flag(
        "users-port", placeholder: "PORT", default: "0", section: "Services",
        help: "Port of users-service; 0 takes a free one")
    static let usersDelay = Flag(
        "users-delay-ms", placeholder: "N", default: "0", section: "Faults",
        help: "Answer GetCustomer N milliseconds late")
    static let usersErrors = Flag(
        "users-errors", placeholder: "SHARE", default: "0", section: "Faults",
        help: "Share of GetCustomer calls that end with UNAVAILABLE, 0 to 1")
    static let usersAway = Flag(
        "users-away", kind: .toggle, section: "Faults", help: "Begin with nobody listening on users-service's port")
    static let customer = Flag(
        "customer", kind: .repeatable, placeholder: "ID:LANGUAGE", section: "Services",
        help: "The language of one customer")
    static let unknownCustomer = Flag(
        "unknown-customer", kind: .repeatable, placeholder: "ID", section: "Services",
        help: "An id that is no customer's; all others are")
    static let language = Flag(
        "customer-language", placeholder: "LANGUAGE", default: "en", section: "Services",
        help: "The language of customers of whom nothing else is said")
    static let authPort = Flag(
        "auth-port", placeholder: "PORT", default: "0", section: "Services",
        help: "Port of auth-service; 0 takes a free one")
    static let authDelay = Flag(
        "auth-delay-ms", placeholder: "N", default: "0", section: "Faults",
        help: "Answer ValidateToken N milliseconds late")
    static let authErrors = Flag(
        "auth-errors", placeholder: "SHARE", default: "0", section: "Faults",
        help: "Share of ValidateToken calls that end with UNAVAILABLE, 0 to 1")
    static let authAway = Flag(
        "auth-away", kind: .toggle, section: "Faults", help: "Begin with nobody listening on auth-service's port")
    static let exitWithParent = Flag(
        "exit-with-parent", kind: .toggle, section: "Process",
        help: "End when the process that started this one has ended")

    static let table = FlagTable(
        program: "mock-services", version: ToolkitVersion.current,
        summary: "stand-ins for Kafka, the schema registry, users- and auth-service",
        description: [
            """
            Hosts librdkafka's mock Kafka cluster, a Confluent-compatible schema registry, /users.v1/GetCustomer and \
            /auth.v1/ValidateToken on free ports of 127.0.0.1, in memory. When all are ready it prints \
            KAFKA_BROKER=HOST:PORT, SCHEMA_REGISTRY_URL=URL, USERS_HOST=HOST:PORT, AUTH_HOST=HOST:PORT, \
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
            {"broker":1,"isUp":false,"roundTripMs":N}, to /kafka/topics {"name":"t","partitions":N}, to /users and \
            /auth {"delayMs":N,"errorRatio":0.5,"errorCode":"UNAVAILABLE","away":true}, to /users/customers \
            {"customer":ID,"language":"es","points":N,"exists":false}; GET /requests counts what was asked.
            """,
            """
            auth-service takes tokens of the form HEADER.PAYLOAD.stand-in at their word: the payload is JSON in base64url \
            with merchant_id, scopes, jti and exp.
            """,
        ],
        subcommands: [
            Subcommand(
                "serve", summary: "Serve until stopped (the default)",
                flags: [
                    topic, brokers, registryPort, registryPath, failFirst, delay, usersPort, language,
                    customer, unknownCustomer, usersDelay, usersErrors, usersAway, authPort, authDelay, authErrors,
                    authAway, exitWithParent,
                ])
        ],
        exitCodes: [.done, .failed, .usage, .interrupted, .terminated])
}
