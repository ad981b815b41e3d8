import CRdKafka
import Glibc
import Synchronization

/// Where librdkafka's callbacks of one client report to: log lines, client errors, failed deliveries.
///
/// librdkafka holds it unretained; `ClientHandle` keeps it alive until the client is gone.
final class ClientCallbacks: Sendable {
    private struct State {
        var errors: [KafkaError] = []
        var connectionError: (error: KafkaError, time: ContinuousClock.Instant)?
        var failures: [Undelivered] = []
        var failureCount = 0
        var refusedTopics: [String] = []
    }

    /// A failed delivery; becomes an error, with its texts, only when it is asked for.
    private struct Undelivered {
        let tag: UInt64
        let code: rd_kafka_resp_err_t
        let topic: String?
        let partition: Int32

        var failure: DeliveryFailure {
            DeliveryFailure(tag: tag, error: KafkaError(.produce, code: code, topic: topic, partition: partition))
        }
    }

    /// More errors than this between two polls are repetitions.
    private static let maximumErrors = 64
    /// More than a tool's producer queues: outside of transactions each record that failed must be known.
    private static let maximumFailures = 16_384
    /// Topics that are remembered as refused.
    private static let maximumTopics = 16

    private let log: (@Sendable (KafkaLogLine) -> Void)?
    private let state = Mutex(State())

    init(log: (@Sendable (KafkaLogLine) -> Void)?) {
        self.log = log
    }

    /// - Parameter reportsDeliveries: false where deliveries are taken as events, from a queue.
    func install(in configuration: OpaquePointer, reportsDeliveries: Bool) {
        rd_kafka_conf_set_opaque(configuration, Unmanaged.passUnretained(self).toOpaque())
        rd_kafka_conf_set_log_cb(configuration) { client, level, facility, message in
            guard let client, let facility, let message else { return }
            ClientCallbacks.of(rd_kafka_opaque(client))?.logged(level, facility, message)
        }
        rd_kafka_conf_set_error_cb(configuration) { client, code, reason, opaque in
            ClientCallbacks.of(opaque)?.failed(client, rd_kafka_resp_err_t(rawValue: code), reason)
        }
        guard reportsDeliveries else { return }
        rd_kafka_conf_set_dr_msg_cb(configuration) { _, message, opaque in
            guard let message, message.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
            ClientCallbacks.of(opaque)?.undelivered(message)
        }
    }

    /// The client's errors since the last call.
    func takeErrors() -> [KafkaError] {
        state.withLock { state in
            defer { state.errors = [] }
            return state.errors
        }
    }

    /// Failed deliveries since the last call, the first 16,384 of them, and how many there were in all.
    func takeFailures() -> (failures: [DeliveryFailure], count: Int) {
        let (failures, count) = state.withLock { state in
            defer { (state.failures, state.failureCount) = ([], 0) }
            return (state.failures, state.failureCount)
        }
        return (failures.map(\.failure), count)
    }

    /// The last trouble with connections, names, TLS or SASL, unless a call has succeeded since, or it is older than
    /// librdkafka keeps silent about repetitions.
    var connectionError: KafkaError? {
        state.withLock { $0.connectionError.flatMap { ContinuousClock.now - $0.time < .seconds(60) ? $0.error : nil } }
    }

    /// Topics that a transaction was refused, as librdkafka has logged them: the error that it returns names none.
    var refusedTopics: [String] { state.withLock { $0.refusedTopics } }

    func forgetConnectionError() {
        state.withLock { $0.connectionError = nil }
    }

    private static func of(_ opaque: UnsafeMutableRawPointer?) -> ClientCallbacks? {
        opaque.map { Unmanaged<ClientCallbacks>.fromOpaque($0).takeUnretainedValue() }
    }

    private func logged(_ level: Int32, _ facility: UnsafePointer<CChar>, _ message: UnsafePointer<CChar>) {
        if strcmp(facility, "ADDPARTS") == 0 { rememberRefused(String(cString: message)) }
        guard let log else { return }
        let line = KafkaLogLine(
            level: Int(level), facility: String(cString: facility), message: String(cString: message))
        // One set of properties serves consumers and producers, so this would come with every client.
        if line.facility == "CONFWARN", line.message.contains("will be ignored by this") { return }
        log(line)
    }

    /// `…Failed to add partition "TOPIC" [0] to transaction: Broker: Topic authorization failed`
    private func rememberRefused(_ message: String) {
        let parts = message.split(separator: "\"", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[2].contains("authorization") else { return }
        let topic = String(parts[1])
        state.withLock { state in
            guard state.refusedTopics.count < Self.maximumTopics, !state.refusedTopics.contains(topic) else { return }
            state.refusedTopics.append(topic)
        }
    }

    private func failed(_ client: OpaquePointer?, _ code: rd_kafka_resp_err_t, _ reason: UnsafePointer<CChar>?) {
        var error =
            code == RD_KAFKA_RESP_ERR__FATAL
            ? KafkaError(.connect, fatalOf: client)
            : KafkaError(.connect, code: code, reason: reason.map { String(cString: $0) })
        // librdkafka reports OpenSSL's refusals now as trouble with TLS, now as a lost connection.
        if error.kind == .unreachable, error.reason.contains("SSL routines") { error.kind = .authentication }
        state.withLock { [error] state in
            if state.errors.count < Self.maximumErrors { state.errors.append(error) }
            switch error.kind {
            // "All brokers are down" says less than the refused connection or handshake before it.
            case .unreachable where code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && state.connectionError != nil: break
            case .unreachable where state.connectionError?.error.kind == .authentication: break
            case .unreachable, .authentication: state.connectionError = (error, .now)
            default: break
            }
        }
    }

    private func undelivered(_ message: UnsafePointer<rd_kafka_message_t>) {
        let tag = UInt64(UInt(bitPattern: message.pointee._private))
        let topic = message.pointee.rkt.map { String(cString: rd_kafka_topic_name($0)) }
        let undelivered = Undelivered(
            tag: tag, code: message.pointee.err, topic: topic, partition: message.pointee.partition)
        state.withLock { state in
            state.failureCount += 1
            if state.failures.count < Self.maximumFailures {
                state.failures.append(undelivered)
            }
        }
    }
}

/// A record that was handed to the producer and did not reach its topic.
package struct DeliveryFailure: Sendable {
    /// What the caller gave with the record.
    package var tag: UInt64
    /// Why it did not.
    package var error: KafkaError
}
