import Kafka
import Lifecycle
import Observability
import Redrive

/// Keeps the gauge of the dead-letter queue's size: offsets that the drain has not dealt with, by the function that
/// `reprocess-dlq list` uses. Blocking, on a thread of its own.
struct QueueSizeWatch: Sendable {
    let kafka: KafkaConfiguration
    /// The dead-letter topic.
    let topic: String
    /// `GAMIFICATION_DRAIN_GROUP`.
    let group: String
    let progressTopic: String
    let stop: StopFlag

    /// The size now, asked without joining the group and without changing anything.
    func size() throws -> Int64 {
        var options = ConsumerOptions()
        options.prefetchKilobytes = 1024
        let member = try KafkaConsumer(kafka, group: group, isolation: .readCommitted, options: options)
        defer { member.close(timeout: .seconds(5)) }
        let count = try member.partitionCount(of: topic, timeout: Self.patience)
        let keepsProgress = (try? member.partitionCount(of: progressTopic, timeout: Self.patience)) != nil
        var settings = RedriveSettings(
            kafka: kafka, topic: topic, group: group, run: "", copy: "", delivery: .exactlyOnce,
            progressTopic: keepsProgress ? progressTopic : nil, pace: .unlimited)
        settings.patience = Self.patience
        let store = try ProgressStore(settings, member: member, stop: stop, notify: { _ in })
        defer { _ = store.close(timeout: .seconds(5)) }
        return try store.load(Array(0..<count)).reduce(0) { sum, start in
            let partition = TopicPartition(topic: topic, partition: start.partition)
            let end = try member.stableBounds(of: partition, timeout: Self.patience).lastStableOffset
            return sum + start.done.remaining(below: end)
        }
    }

    private static let patience = Duration.seconds(10)
}
