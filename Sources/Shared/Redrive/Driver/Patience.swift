import Kafka
import Lifecycle
import Synchronization

/// How long one thread of a run waits for brokers: one budget for an outage, however many calls run into it. A call that
/// is answered fills it again.
final class Patience: Sendable {
    private let limit: Duration
    /// When the first of the calls began that have not been answered; nil while brokers answer.
    private let since = Mutex<MonotonicInstant?>(nil)

    init(_ limit: Duration) { self.limit = limit }

    /// What a call may wait that begins now. At least a second, so that brokers that are back are heard.
    var left: Duration {
        guard let since = since.withLock({ $0 }) else { return limit }
        let waited = Duration.nanoseconds(MonotonicInstant.now().nanoseconds(since: since))
        return max(.seconds(1), limit - waited)
    }

    /// Whether the last call was not answered.
    var isStrained: Bool { since.withLock { $0 != nil } }

    /// Calls a broker with what is left.
    func spend<Answer>(
        _ call: (_ timeout: Duration) throws(KafkaError) -> Answer
    ) throws(KafkaError) -> Answer {
        let began = MonotonicInstant.now()
        do throws(KafkaError) {
            let answer = try call(left)
            since.withLock { $0 = nil }
            return answer
        } catch {
            let isUnanswered = error.kind.isAway || error.requiresAbort || error.isFatal
            // A transaction fails for brokers that are away too, and says so in many ways.
            since.withLock { $0 = isUnanswered ? $0 ?? began : nil }
            throw error
        }
    }
}

extension Patience {
    /// Asks brokers in slices, again and again where they do not answer, for as long as there is patience; a signal is
    /// heeded between the slices.
    ///
    /// - Parameters:
    ///   - what: is asked for, as the error of a stop names it.
    ///   - slice: the most that one question may wait.
    ///   - meanwhile: told of every slice that brought no answer.
    func ask<Answer>(
        _ what: String, stop: StopFlag, slice: Duration = .seconds(5),
        _ question: (_ timeout: Duration) throws(KafkaError) -> Answer,
        meanwhile: (KafkaError) throws(KafkaError) -> Void = { _ in }
    ) throws -> Answer {
        let most = left
        let began = MonotonicInstant.now()
        while true {
            do throws(KafkaError) {
                return try spend { timeout throws(KafkaError) in try question(min(slice, timeout)) }
            } catch {
                guard error.isRetriable || error.kind.isAway else { throw error }
                if stop.isSet { throw RedriveError.stopped(waitingFor: what) }
                if Duration.nanoseconds(MonotonicInstant.now().nanoseconds(since: began)) >= most { throw error }
                try meanwhile(error)
            }
        }
    }
}

extension KafkaErrorKind {
    /// What is said while no broker answers.
    var isAway: Bool { self == .unreachable || self == .timedOut || self == .queueFull }
}
