import Kafka
import Lifecycle
import Redrive

/// The clients that a survey asks. `watch` keeps them, so that the brokers are not connected to anew with every look.
/// Blocking; one thread at a time.
final class SurveyClients {
    /// `read_committed`.
    let stable: KafkaConsumer
    /// `read_uncommitted`: it knows where the log ends.
    let all: KafkaConsumer
    /// Made with the group's name and never subscribed: it asks for offsets and joins nothing.
    private let member: KafkaConsumer
    private var known: (store: ProgressStore, topic: String?)?

    init(_ kafka: KafkaConfiguration, group: String) throws(KafkaError) {
        stable = try KafkaConsumer(kafka, group: nil, isolation: .readCommitted)
        all = try KafkaConsumer(kafka, group: nil, isolation: .readUncommitted)
        member = try KafkaConsumer(kafka, group: group, isolation: .readCommitted)
    }

    /// What reads the progress; made anew where the progress topic has come or gone.
    func store(
        _ settings: RedriveSettings, stop: StopFlag, say: @escaping @Sendable (String) -> Void
    ) throws(KafkaError) -> ProgressStore {
        if let known, known.topic == settings.progressTopic { return known.store }
        _ = known?.store.close(timeout: .seconds(2))
        let store = try ProgressStore(settings, member: member, stop: stop, notify: say)
        known = (store, settings.progressTopic)
        return store
    }

    /// Ends all of them.
    func close(timeout: Duration) {
        _ = known?.store.close(timeout: timeout)
        known = nil
        for consumer in [stable, all, member] { consumer.close(timeout: timeout) }
    }
}
