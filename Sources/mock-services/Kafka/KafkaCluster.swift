import CRdKafka

/// librdkafka's mock cluster, the one owner of it and of the client handle that it needs.
final class KafkaCluster {
    /// For `bootstrap.servers`.
    let bootstrapServers: String
    private let handle: OpaquePointer
    private let cluster: OpaquePointer

    init(brokers: Int) throws(MockServicesError) {
        var reason = [CChar](repeating: 0, count: 256)
        let configuration = rd_kafka_conf_new()
        // Errors only: the handle has no brokers of its own, and says so at every start.
        rd_kafka_conf_set(configuration, "log_level", "3", nil, 0)
        guard let handle = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &reason, reason.count) else {
            rd_kafka_conf_destroy(configuration)
            throw MockServicesError("librdkafka has no handle to offer")
        }
        guard let cluster = rd_kafka_mock_cluster_new(handle, Int32(brokers)) else {
            rd_kafka_destroy(handle)
            throw MockServicesError("librdkafka has no mock cluster to offer")
        }
        self.handle = handle
        self.cluster = cluster
        bootstrapServers = String(cString: rd_kafka_mock_cluster_bootstraps(cluster))
    }

    deinit {
        rd_kafka_mock_cluster_destroy(cluster)
        rd_kafka_destroy(handle)
    }

    func createTopic(_ name: String, partitions: Int) throws(MockServicesError) {
        guard (1...1_000).contains(partitions), (1...249).contains(name.utf8.count) else {
            throw MockServicesError("a topic has a name and 1 to 1,000 partitions")
        }
        try check(rd_kafka_mock_topic_create(cluster, name, Int32(partitions), 1), "topic \(name)")
    }

    /// Lets the next requests of a kind fail, or forgets what was ordered before where no error is named.
    func pushErrors(_ order: KafkaErrorOrder) throws(MockServicesError) {
        guard let api = KafkaAPI.numbers[order.api] else {
            throw MockServicesError("no such request: \(KafkaAPI.numbers.keys.sorted().joined(separator: ", "))")
        }
        guard !order.errors.isEmpty else { return rd_kafka_mock_clear_request_errors(cluster, api) }
        var codes: [rd_kafka_resp_err_t] = []
        for name in order.errors.prefix(10_000) {
            guard let code = KafkaAPI.errors[name] else { throw MockServicesError("no such error: \(name)") }
            codes.append(code)
        }
        rd_kafka_mock_push_request_errors_array(cluster, api, codes.count, codes)
    }

    /// Takes a broker down or up, or makes it slow.
    func steer(_ order: KafkaBrokerOrder) throws(MockServicesError) {
        let what = "broker \(order.broker)"
        if let isUp = order.isUp {
            let change = isUp ? rd_kafka_mock_broker_set_up : rd_kafka_mock_broker_set_down
            try check(change(cluster, order.broker), what)
        }
        if let delay = order.roundTripMs { try check(rd_kafka_mock_broker_set_rtt(cluster, order.broker, delay), what) }
    }

    private func check(_ code: rd_kafka_resp_err_t, _ what: String) throws(MockServicesError) {
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        throw MockServicesError("\(what): \(String(cString: rd_kafka_err2str(code)))")
    }
}

/// `{"api":"Produce","errors":["NOT_ENOUGH_REPLICAS"]}`
struct KafkaErrorOrder: Decodable {
    let api: String
    let errors: [String]
}

/// `{"broker":1,"isUp":false,"roundTripMs":100}`
struct KafkaBrokerOrder: Decodable {
    let broker: Int32
    let isUp: Bool?
    let roundTripMs: Int32?
}

/// `{"name":"t","partitions":3}`
struct KafkaTopicOrder: Decodable {
    let name: String
    let partitions: Int
}

/// Names of the Kafka protocol.
enum KafkaAPI {
    static let numbers: [String: Int16] = [
        "Produce": 0, "Fetch": 1, "ListOffsets": 2, "Metadata": 3, "OffsetCommit": 8, "OffsetFetch": 9,
        "FindCoordinator": 10, "JoinGroup": 11, "Heartbeat": 12, "LeaveGroup": 13, "SyncGroup": 14,
        "InitProducerId": 22, "AddPartitionsToTxn": 24, "AddOffsetsToTxn": 25, "EndTxn": 26, "TxnOffsetCommit": 28,
    ]

    /// librdkafka's own table of errors, by their names (`NOT_ENOUGH_REPLICAS`, `_TRANSPORT`).
    static let errors: [String: rd_kafka_resp_err_t] = {
        var table: UnsafePointer<rd_kafka_err_desc>?
        var count = 0
        rd_kafka_get_err_descs(&table, &count)
        var names: [String: rd_kafka_resp_err_t] = [:]
        for entry in UnsafeBufferPointer(start: table, count: count) {
            if let name = entry.name { names[String(cString: name)] = entry.code }
        }
        return names
    }()
}
