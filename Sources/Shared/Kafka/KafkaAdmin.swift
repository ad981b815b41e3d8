import CRdKafka
import Dispatch
import Synchronization

/// Administrative requests: topics, their settings, groups, retention. Owns a client of its own.
///
/// Every call is synchronous and waits for the network: call from a blocking executor, never from the cooperative pool.
/// Calls may come from any thread.
package final class KafkaAdmin: Sendable {
    private let state: Mutex<ClientHandle?>

    /// - Throws: `KafkaError` of kind `.configuration` that names the property and librdkafka's reason.
    package init(_ configuration: KafkaConfiguration) throws(KafkaError) {
        // A consumer's handle, since metadata asked through a producer's may create topics.
        let native = try NativeConfiguration(
            configuration, required: [("allow.auto.create.topics", "false"), ("group.id", "")], tuned: [])
        let client = try native.makeClient(RD_KAFKA_CONSUMER, callbacks: ClientCallbacks(log: configuration.log))
        state = Mutex(client)
    }

    /// The cluster's id.
    package func clusterID(timeout: Duration) throws(KafkaError) -> String {
        try client(.readClusterID).clusterID(timeout: timeout)
    }

    /// The cluster's brokers.
    package func brokers(timeout: Duration) throws(KafkaError) -> [Broker] {
        try metadata(allTopics: false, timeout: timeout) { metadata in
            UnsafeBufferPointer(start: metadata.brokers, count: Int(metadata.broker_cnt)).map {
                Broker(id: $0.id, host: String(cString: $0.host), port: $0.port)
            }
        }
    }

    /// The topics that this client may see, with the number of their partitions.
    package func topics(timeout: Duration) throws(KafkaError) -> [String: Int32] {
        try metadata(allTopics: true, timeout: timeout) { metadata in
            let topics = UnsafeBufferPointer(start: metadata.topics, count: Int(metadata.topic_cnt))
            return Dictionary(
                topics.filter { $0.err == RD_KAFKA_RESP_ERR_NO_ERROR }.map {
                    (String(cString: $0.topic), $0.partition_cnt)
                }, uniquingKeysWith: { $1 })
        }
    }

    /// Destroys the client. Every call from then on throws an error of kind `.closed`.
    ///
    /// - Returns: false where librdkafka did not end by the deadline.
    @discardableResult
    package func close(timeout: Duration) -> Bool {
        let deadline = Deadline(after: timeout)
        guard let destroyed = state.withLock({ $0?.destroyed }) else { return true }
        DispatchQueue(label: "kafka.destroy").async { [self] in
            let last = state.withLock { state in
                defer { state = nil }
                return state
            }
            _ = consume last
        }
        return destroyed.wait(timeout: .now() + .milliseconds(Int(deadline.milliseconds()))) == .success
    }

    func client(_ operation: KafkaOperation) throws(KafkaError) -> ClientHandle {
        guard let client = state.withLock({ $0 }) else {
            throw KafkaError(operation, kind: .closed, reason: "the admin client is closed")
        }
        return client
    }

    /// Sends one admin request, waits for its result, and tries again while the answer is a transient error.
    ///
    /// - Parameter outlivesCaller: for requests to a group's coordinator. librdkafka before 2.15 (mended by
    ///   731d335e) frees such a request when its time is up, and aborts the process when the coordinator appears later. So
    ///   librdkafka is given longer than anybody waits; only the caller's wait ends in time, and a late answer falls away
    ///   with the queue.
    func request<Result>(
        _ operation: KafkaOperation, _ type: rd_kafka_admin_op_t, timeout: Duration, outlivesCaller: Bool = false,
        send: (_ client: OpaquePointer, _ options: OpaquePointer?, _ queue: OpaquePointer) -> Void,
        read: (_ event: OpaquePointer) throws(KafkaError) -> Result
    ) throws(KafkaError) -> Result {
        let client = try client(operation)
        return try client.retrying(operation, until: Deadline(after: timeout)) { milliseconds throws(KafkaError) in
            let queue = QueueHandle(of: client)
            let options = rd_kafka_AdminOptions_new(client.raw, type)
            defer { rd_kafka_AdminOptions_destroy(options) }
            // Shorter than an hour, as librdkafka wants it.
            let limit = max(1, min(milliseconds, 3_600_000))
            rd_kafka_AdminOptions_set_request_timeout(options, outlivesCaller ? 3_600_000 : limit, nil, 0)
            // Only some requests know it: how long the controller may work before it answers.
            rd_kafka_AdminOptions_set_operation_timeout(options, limit, nil, 0)
            send(client.raw, options, queue.raw)
            guard let event = NativeEvent(from: queue, milliseconds: limit) else {
                throw KafkaError(operation, code: RD_KAFKA_RESP_ERR__TIMED_OUT)
            }
            if let error = event.error(operation, of: client) { throw error }
            return try read(event.raw)
        }
    }

    private func metadata<Result>(
        allTopics: Bool, timeout: Duration, _ read: (rd_kafka_metadata) -> Result
    ) throws(KafkaError) -> Result {
        let client = try client(.readMetadata)
        return try client.retrying(.readMetadata, until: Deadline(after: timeout)) { milliseconds throws(KafkaError) in
            var metadata: UnsafePointer<rd_kafka_metadata>?
            let code = rd_kafka_metadata(client.raw, allTopics ? 1 : 0, nil, &metadata, milliseconds)
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else {
                throw KafkaError(.readMetadata, code: code)
            }
            defer { rd_kafka_metadata_destroy(metadata) }
            return read(metadata.pointee)
        }
    }
}

/// One broker of the cluster.
package struct Broker: Hashable, Sendable {
    /// `node.id` of its settings.
    package var id: Int32
    /// Where it is advertised.
    package var host: String
    /// The port there.
    package var port: Int32
}
