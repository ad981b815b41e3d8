import EventLoop
import Kafka
import Observability

/// Publishes an award's events, and says when Kafka has acknowledged both.
final class AwardPublisher {
    /// Counts down to the end of both events of one award.
    private final class Countdown {
        var left = 2
        var hasFailed = false
        let completion: (Bool) -> Void
        init(_ completion: @escaping (Bool) -> Void) { self.completion = completion }

        func end(_ error: KafkaError?) {
            left -= 1
            if error != nil { hasFailed = true }
            if left == 0 { completion(!hasFailed) }
        }
    }

    private let kafka: LoopProducer
    private let context: ServerContext

    init(_ context: ServerContext) {
        self.context = context
        kafka = context.kafka
    }

    /// Whether Kafka is taken to be away.
    var isAway: Bool { kafka.isAway }

    /// Publishes. `completion` is called once, on the loop's thread, after this has returned: true when both are
    /// acknowledged. False if they were not taken, or are not to be tried now; then `completion` is never called.
    func publish(_ row: AwardEvents.Row, _ completion: @escaping (Bool) -> Void) -> Bool {
        guard let schemas = context.schemas, kafka.isWorthSending(at: context.loop.now) else { return false }
        let records = AwardEvents(schemas).records(row)
        let countdown = Countdown(completion)
        guard kafka.send(records.awarded, to: "badge.awarded", { countdown.end($0) }) else { return false }
        guard kafka.send(records.task, to: "badge.task", { countdown.end($0) }) else {
            // The first is on its way, and its end still comes; without the second the sweeper publishes both again.
            countdown.hasFailed = true
            countdown.left -= 1
            return true
        }
        kafka.send(records.invalidation, to: "cache.invalidate") { _ in }
        return true
    }

    /// A caller has waited in vain.
    func noteTimeout() { kafka.noteTimeout() }
}
