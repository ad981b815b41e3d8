import CRdKafka
import Dispatch
import Synchronization

/// An idempotent producer, transactional where it has a transactional id.
///
/// Every call is synchronous and most wait for the network or for room in the queue: call from a blocking executor,
/// never from the cooperative pool. Calls may come from any thread; a transaction belongs to one thread at a time.
///
/// A failed delivery makes the commit of its transaction fail; outside transactions `flush` and then `takeFailures`
/// tell. Delivery reports are served by `poll`, `flush` and the transaction calls.
package final class KafkaProducer: Sendable {
    /// The id that it was made with; nil for one without transactions.
    package let transactionalID: String?

    struct State: Sendable {
        var client: ClientHandle?
        var isClosed = false
    }

    let state: Mutex<State>

    /// - Parameters:
    ///   - transactionalID: unique to this producer; nil for one without transactions.
    /// - Throws: `KafkaError` of kind `.configuration` that names the property and librdkafka's reason.
    package init(
        _ configuration: KafkaConfiguration, transactionalID: String?, options: ProducerOptions = .init()
    ) throws(KafkaError) {
        let native = try NativeConfiguration(configuration, required: options.required, tuned: options.tuned)
        if let transactionalID {
            try native.set("transactional.id", transactionalID)
            try native.set("transaction.timeout.ms", String(options.transactionTimeoutMilliseconds))
        }
        let client = try native.makeClient(
            RD_KAFKA_PRODUCER, callbacks: ClientCallbacks(log: configuration.log))
        self.transactionalID = transactionalID
        state = Mutex(State(client: client))
    }

    /// A handle for one destination. It keeps the client alive: let go of it before `close`.
    package func topic(_ name: String) throws(KafkaError) -> ProducerTopic {
        try ProducerTopic(name, client: client(.produce))
    }

    /// Serves delivery reports; waits up to `timeout` for one.
    ///
    /// - Returns: the client's errors since the last call, at most 64.
    @discardableResult
    package func poll(timeout: Duration) throws(KafkaError) -> [KafkaError] {
        let client = try client(.produce)
        client.serveCallbacks(milliseconds: timeout.clampedMilliseconds)
        return client.callbacks.takeErrors()
    }

    /// Records that were not delivered since the last call: the first 16,384 of them, and the number of all.
    package func takeFailures() -> (failures: [DeliveryFailure], count: Int) {
        (try? client(.produce))?.callbacks.takeFailures() ?? ([], 0)
    }

    /// The topics that a transaction was not allowed to write to, the first 16 of them; empty where that is not known.
    package var refusedTopics: [String] { (try? client(.produce))?.callbacks.refusedTopics ?? [] }

    /// Records that wait for delivery.
    package var queuedRecords: Int {
        (try? client(.produce)).map { Int(rd_kafka_outq_len($0.raw)) } ?? 0
    }

    /// Waits until every record has been delivered or has failed.
    package func flush(timeout: Duration) throws(KafkaError) {
        let client = try client(.flush)
        try client.retrying(.flush, until: Deadline(after: timeout), slice: .max) { milliseconds throws(KafkaError) in
            let code = client.flush(milliseconds: milliseconds)
            if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(.flush, code: code) }
        }
    }

    /// Has batches that wait for more records leave now, without waiting for them.
    package func hurry() throws(KafkaError) {
        rd_kafka_flush(try client(.flush).raw, 1)
    }

    /// Throws away records that wait or are under way; they become failures of kind `.purged`.
    package func purge() throws(KafkaError) {
        let client = try client(.flush)
        let code = rd_kafka_purge(client.raw, Int32(RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT))
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(.flush, code: code) }
        client.serveCallbacks()
    }

    /// Destroys the client; what was not flushed or committed is thrown away. Every call from then on throws an error of
    /// kind `.closed`.
    ///
    /// - Returns: false where librdkafka did not end by the deadline, or a `ProducerTopic` is still held: the client is
    ///   then abandoned, and the process should leave by `_exit`.
    @discardableResult
    package func close(timeout: Duration) -> Bool {
        let deadline = Deadline(after: timeout)
        guard let destroyed = abandonRecords() else { return true }
        // Destruction may hang, so the last reference goes on a thread of its own.
        DispatchQueue(label: "kafka.destroy").async { [self] in
            let last = state.withLock { state in
                defer { state.client = nil }
                return state.client
            }
            _ = consume last
        }
        return destroyed.wait(timeout: .now() + .milliseconds(Int(deadline.milliseconds()))) == .success
    }

    /// What signals the client's end; nil where it was closed before.
    private func abandonRecords() -> DispatchSemaphore? {
        let client = state.withLock { state in
            defer { state.isClosed = true }
            return state.isClosed ? nil : state.client
        }
        guard let client else { return nil }
        rd_kafka_purge(client.raw, Int32(RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT))
        client.serveCallbacks()
        return client.destroyed
    }

    func client(_ operation: KafkaOperation) throws(KafkaError) -> ClientHandle {
        let client = state.withLock { $0.isClosed ? nil : $0.client }
        guard let client else { throw KafkaError(operation, kind: .closed, reason: "the producer is closed") }
        return client
    }
}

/// How a producer is tuned.
package struct ProducerOptions: Sendable {
    /// The broker aborts a transaction that is open for longer; so long may readers wait after a kill.
    package var transactionTimeoutMilliseconds = 10_000
    /// How long a record waits for others to share its batch.
    package var lingerMilliseconds = 5
    /// The most bytes in one batch.
    package var batchBytes = 1_000_000
    /// The most records in one batch.
    package var batchRecords = 10_000
    /// Memory for records that wait for delivery, in KiB, and their number.
    package var queueKilobytes = 32 * 1024
    /// The most records that wait for delivery.
    package var queueRecords = 200_000
    /// How long a record may wait for delivery, retries included. librdkafka lowers it to the transaction's time-out.
    package var deliveryTimeoutMilliseconds = 120_000

    /// The defaults that follow from what was measured.
    package init() {}

    var required: [(String, String)] {
        [
            ("enable.idempotence", "true"),
            ("acks", "all"),
            ("partitioner", "murmur2_random"),
            ("transactional.id", ""),
            ("transaction.timeout.ms", ""),
            ("delivery.report.only.error", "true"),
        ]
    }

    var tuned: [(String, String)] {
        [
            // What a topic takes is the broker's to say.
            ("message.max.bytes", "1000000000"),
            // librdkafka waits this long before it asks again whether offsets were added to a transaction.
            ("retry.backoff.ms", "10"),
            ("linger.ms", String(lingerMilliseconds)),
            ("batch.size", String(batchBytes)),
            ("batch.num.messages", String(batchRecords)),
            ("queue.buffering.max.messages", String(queueRecords)),
            ("queue.buffering.max.kbytes", String(queueKilobytes)),
        ]
    }
}
