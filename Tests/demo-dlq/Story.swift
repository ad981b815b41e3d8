import Events
import Redrive

/// Why a record of the demonstration failed, what it looks like, and what a drain has to make of it.
struct Story {
    /// What is wrong with a record's value.
    enum Body {
        case intact
        /// Cut in the middle of a string.
        case truncated
        /// A string that says it is 2^61 bytes long.
        case hostile
        /// Text, not framed at all.
        case json
        /// A schema id that no registry gave out.
        case unknownSchema
        /// Well-formed, but its merchant is no UUID.
        case invalidMerchant
    }

    /// Who wrote the dead letter's headers.
    enum Author {
        case dialect(Dialect)
        /// KIP-1191's headers and nothing of ours.
        case plainKIP1191
        /// No failure headers at all.
        case nobody
    }

    /// What a drain with the default flags makes of it.
    enum Outcome: Hashable {
        case redriven
        case parked(reason: String)
    }

    let count: Int
    let author: Author
    let body: Body
    let outcome: Outcome
    let code: ErrorCode
    let message: String
    /// Redrives that lie behind it.
    let retries: Int

    /// All of them, 2,000 records together.
    static let all: [Story] =
        [
            Story(520, .dialect(.ours), .dependencyUnavailable, "users-service answered 503 three times"),
            Story(260, .dialect(.ours), .customerNotFound, "customer is not known to users-service", retries: 1),
            Story(120, .dialect(.ours), .badgeUnknown, "no translation for the badge", retries: 2),
            Story(60, .dialect(.ours), .internal, "statement timed out"),
            Story(90, .plainKIP1191, .internal, "share group gave up after 5 deliveries"),
            Story(240, .dialect(.springDeadLetter), .internal, "Listener failed; connection refused"),
            Story(140, .dialect(.springRetry), .internal, "Listener failed; read timed out"),
            Story(110, .dialect(.connect), .internal, "Sink is not reachable"),
            Story(90, .dialect(.streams), .internal, "rule engine refused"),
            Story(90, .dialect(.smallRye), .internal, "database is locked"),
            Story(80, .dialect(.karafka), .internal, "worker was shut down"),
        ] + hopeless

    private static let hopeless: [Story] = [
        Story(
            70, .dialect(.ours), .dependencyUnavailable, "users-service answered 503 three times", retries: 3,
            outcome: .parked(reason: ParkReason.retriesUsedUp)),
        Story(
            30, .dialect(.ours), .avroMalformed, "value ends in the middle of a string", .truncated,
            outcome: .parked(reason: "avro.malformed")),
        Story(
            20, .dialect(.springDeadLetter), .avroMalformed, "Deserialization failed", .truncated,
            outcome: .parked(reason: "avro.malformed")),
        Story(
            20, .dialect(.ours), .avroMalformed, "string is longer than the value", .hostile,
            outcome: .parked(reason: "avro.malformed")),
        Story(
            10, .dialect(.connect), .avroMalformed, "Unknown magic byte", .json,
            outcome: .parked(reason: "avro.malformed")),
        Story(
            25, .dialect(.ours), .schemaUnknown, "schema id is not known to the registry", .unknownSchema,
            outcome: .parked(reason: "schema.unknown")),
        Story(
            10, .dialect(.ours), .eventInvalid, "merchant_id is no UUID", .invalidMerchant,
            outcome: .parked(reason: "event.invalid")),
        Story(15, .nobody, .internal, "", outcome: .parked(reason: ParkReason.originMissing)),
    ]

    private init(
        _ count: Int, _ author: Author, _ code: ErrorCode, _ message: String, retries: Int = 0, _ body: Body = .intact,
        outcome: Outcome = .redriven
    ) {
        self.count = count
        self.author = author
        self.body = body
        self.outcome = outcome
        self.code = code
        self.message = message
        self.retries = retries
    }
}

extension Story.Author: CustomStringConvertible {
    var description: String {
        switch self {
        case .dialect(.ours): "gamification-server"
        case .dialect(.springDeadLetter): "Spring, dead letters"
        case .dialect(.springRetry): "Spring, retry topics"
        case .dialect(.connect): "Kafka Connect"
        case .dialect(.streams): "Kafka Streams"
        case .dialect(.smallRye): "SmallRye"
        case .dialect(.karafka): "Karafka"
        case .plainKIP1191: "Kafka share group (KIP-1191)"
        case .nobody: "nobody knows"
        }
    }
}

extension Story.Outcome: CustomStringConvertible {
    var description: String {
        switch self {
        case .redriven: "processed again"
        case .parked(let reason): "parked: \(reason)"
        }
    }
}
