import CRdKafka

/// An error of the Kafka client, of a broker, or of how the client was asked.
///
/// Its text never contains keys, values, headers or secrets: only names, numbers and librdkafka's reason.
package struct KafkaError: Error, Sendable, CustomStringConvertible {
    /// What it means to a tool.
    package var kind: KafkaErrorKind
    /// Kafka's or librdkafka's number (negative: the client's own), 0 where neither gave one.
    package var code: Int32
    /// Kafka's or librdkafka's name for `code`, such as `TOPIC_AUTHORIZATION_FAILED`.
    package var name: String
    /// What was being done.
    package var operation: KafkaOperation
    /// What happened, in librdkafka's words or ours.
    package var reason: String
    /// The topic concerned, where one is known; several with commas.
    package var topic: String?
    /// The partition of `topic`.
    package var partition: Int32?
    /// The offset in `partition`.
    package var offset: Int64?
    /// The consumer group concerned.
    package var groupID: String?
    /// The producer's transactional id.
    package var transactionalID: String?
    /// The client is unusable and must be replaced.
    package var isFatal: Bool
    /// The same call may succeed when tried again.
    package var isRetriable: Bool
    /// The open transaction cannot be committed; `abortTransaction` and start anew.
    package var requiresAbort: Bool

    /// `cannot commit the transaction: …; try …`, one line.
    package var description: String {
        var text = "cannot \(operation.rawValue)"
        if let topic {
            text += " (\(topic)"
            if let partition { text += "[\(partition)]" }
            if let offset { text += " offset \(offset)" }
            text += ")"
        }
        text += ": \(reason)"
        if !name.isEmpty { text += " [\(name)]" }
        if let advice { text += "; \(advice)" }
        return text
    }
}

extension KafkaError {
    /// An error of this module's own, or of a bare error code.
    init(
        _ operation: KafkaOperation, code: rd_kafka_resp_err_t, reason: String? = nil, topic: String? = nil,
        partition: Int32? = nil, offset: Int64? = nil
    ) {
        kind = KafkaErrorKind(code: code)
        self.code = code.rawValue
        name = String(cString: rd_kafka_err2name(code))
        self.operation = operation
        self.reason = reason ?? String(cString: rd_kafka_err2str(code))
        self.topic = topic
        self.partition = partition
        self.offset = offset
        isFatal = code == RD_KAFKA_RESP_ERR__FATAL
        isRetriable = Self.isTransient(code)
        requiresAbort = false
    }

    /// An error that librdkafka knows nothing of.
    package init(_ operation: KafkaOperation, kind: KafkaErrorKind, reason: String) {
        self.kind = kind
        code = 0
        name = ""
        self.operation = operation
        self.reason = reason
        isFatal = false
        isRetriable = false
        requiresAbort = false
    }

    /// Takes over and destroys an `rd_kafka_error_t`; nil where there is none.
    init?(_ operation: KafkaOperation, consuming error: OpaquePointer?) {
        guard let error else { return nil }
        defer { rd_kafka_error_destroy(error) }
        self.init(
            operation, code: rd_kafka_error_code(error), reason: String(cString: rd_kafka_error_string(error)))
        isFatal = rd_kafka_error_is_fatal(error) != 0
        isRetriable = rd_kafka_error_is_retriable(error) != 0
        requiresAbort = rd_kafka_error_txn_requires_abort(error) != 0
    }

    /// The error that has made a client unusable.
    init(_ operation: KafkaOperation, fatalOf client: ClientHandle) {
        self.init(operation, fatalOf: client.raw)
    }

    /// The same for callbacks, which get the client bare.
    init(_ operation: KafkaOperation, fatalOf client: OpaquePointer?) {
        var text = [CChar](repeating: 0, count: 512)
        let code = rd_kafka_fatal_error(client, &text, text.count)
        self.init(operation, code: code, reason: String(cBuffer: text))
        isFatal = true
    }

    /// The same error with what the caller knows about its circumstances.
    func with(group: String? = nil, transactionalID: String? = nil) -> KafkaError {
        var copy = self
        copy.groupID = copy.groupID ?? group
        copy.transactionalID = copy.transactionalID ?? transactionalID
        return copy
    }

    /// Of kind `.fenced`: the coordinator does not know this producer any more, or its epoch has moved on. The group has
    /// nothing to do with it, and no rebalance will follow.
    package var isAboutProducer: Bool {
        switch rd_kafka_resp_err_t(rawValue: code) {
        case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, RD_KAFKA_RESP_ERR_PRODUCER_FENCED,
            RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID,
            RD_KAFKA_RESP_ERR_TRANSACTION_COORDINATOR_FENCED, RD_KAFKA_RESP_ERR__FENCED:
            true
        default:
            false
        }
    }

    /// Codes that pass by themselves: an election, a moving coordinator, a broken connection.
    static func isTransient(_ code: rd_kafka_resp_err_t) -> Bool {
        switch code {
        case RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE,
            RD_KAFKA_RESP_ERR__WAIT_COORD, RD_KAFKA_RESP_ERR__WAIT_CACHE, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN,
            RD_KAFKA_RESP_ERR__RESOLVE, RD_KAFKA_RESP_ERR__RETRY, RD_KAFKA_RESP_ERR__QUEUE_FULL,
            RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
            RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE,
            RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION,
            RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
            RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR_NOT_CONTROLLER,
            RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
            RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE,
            RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT, RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH,
            RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS:
            true
        default:
            false
        }
    }
}

extension String {
    /// The text up to the first NUL of a buffer that a C function filled.
    init(cBuffer: [CChar]) {
        self.init(decoding: cBuffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
