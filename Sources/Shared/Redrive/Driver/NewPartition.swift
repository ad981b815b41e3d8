import Glibc
import Kafka

/// Partitions that a group hands out before every client has heard of them.
enum NewPartition {
    /// Asks `question`; where the consumer does not know the partition yet, lets it look again, for up to ten seconds.
    static func waiting<Answer>(
        for topic: String, on consumer: KafkaConsumer, _ question: () throws(KafkaError) -> Answer
    ) throws(KafkaError) -> Answer {
        for _ in 0..<50 {
            do throws(KafkaError) {
                return try question()
            } catch {
                guard error.kind == .unknownTopic else { throw error }
                _ = try? consumer.partitionCount(of: topic, timeout: .seconds(2))
                usleep(200_000)
            }
        }
        return try question()
    }
}
