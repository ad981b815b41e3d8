import Kafka
import Lifecycle

/// Whether the brokers are away, and since when.
struct Outage {
    private var cause: KafkaError?
    private var since = MonotonicInstant.now()
    private var probedAt = MonotonicInstant.now()
    private var hasSaid = false

    /// The client has reported that no broker answers; it says so only once.
    mutating func began(_ error: KafkaError) {
        guard cause == nil else { return }
        cause = error
        since = .now()
        probedAt = since
        hasSaid = false
    }

    /// Once a second while it lasts.
    var shouldProbe: Bool { cause != nil && MonotonicInstant.now().seconds(since: probedAt) > 1 }

    /// Whether the operator is to be told now; true once.
    var shouldSay: Bool {
        mutating get {
            defer { hasSaid = true }
            return !hasSaid
        }
    }

    /// A broker has answered.
    ///
    /// - Returns: whether the operator had been told that none did.
    mutating func ended() -> Bool {
        cause = nil
        return hasSaid
    }

    /// No broker has answered; the error to give up with, once that has gone on for too long.
    mutating func probeFailed(_ error: KafkaError, patience: Duration) -> KafkaError? {
        probedAt = .now()
        return MonotonicInstant.now().seconds(since: since) > Double(patience.components.seconds) ? error : nil
    }
}
