import Kafka
import Postgres
import Redis
import SchemaRegistry

/// What the saga needs to know.
struct SagaConfiguration: Sendable {
    var kafka: KafkaConfiguration
    /// `GAMIFICATION_GROUP`.
    var group = "gamification-server"
    var topics = SagaTopics()
    var registry: SchemaRegistryClient
    var postgres: PostgresConfiguration
    /// Boards and marks.
    var durableRedis: RedisConfiguration
    /// What is known about customers.
    var cacheRedis: RedisConfiguration
    /// Nil asks the server.
    var keyStyle: RedisKeyStyle?
    var settings = SagaSettings()
    /// Records of all partitions that one wave takes at most, about.
    var waveRecords = 6_000
}

/// The topics by their roles.
struct SagaTopics: Sendable {
    var points = "points.earned"
    var updates = "customer.updated"
    var replay = "gamification.replay"
    var deadLetters = "gamification.dlq"

    /// What is subscribed to.
    var consumed: [String] { [points, updates, replay] }

    func role(of topic: String) -> SagaRole {
        if topic == replay { return .replay }
        return topic == updates ? .updates : .points
    }
}

/// What a topic's records are.
enum SagaRole: Sendable {
    case points
    case updates
    /// By their origin headers, either.
    case replay
}
