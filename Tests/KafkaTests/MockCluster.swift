import CRdKafka
import Kafka

/// librdkafka's in-process cluster, listening on a local port.
final class MockCluster: Sendable {
    // librdkafka's mock functions are thread-safe; the pointers never change.
    nonisolated(unsafe) private let host: OpaquePointer
    nonisolated(unsafe) private let cluster: OpaquePointer
    let bootstrapServers: String

    struct Failure: Error {}

    init() throws {
        guard let host = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nil, 0),
            let cluster = rd_kafka_mock_cluster_new(host, 1), let servers = rd_kafka_mock_cluster_bootstraps(cluster)
        else { throw Failure() }
        self.host = host
        self.cluster = cluster
        bootstrapServers = String(cString: servers)
    }

    deinit {
        rd_kafka_mock_cluster_destroy(cluster)
        rd_kafka_destroy(host)
    }

    func createTopic(_ name: String, partitions: Int32) throws {
        guard rd_kafka_mock_topic_create(cluster, name, partitions, 1) == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw Failure()
        }
    }

    /// The next requests of that kind are answered with these errors.
    func answer(_ request: Request, with errors: [rd_kafka_resp_err_t]) {
        var errors = errors
        rd_kafka_mock_push_request_errors_array(cluster, request.rawValue, errors.count, &errors)
    }

    /// Kafka's numbers of requests.
    enum Request: Int16 {
        case produce = 0
        case fetch = 1
        case listOffsets = 2
        case metadata = 3
        case offsetCommit = 8
        case offsetFetch = 9
        case joinGroup = 11
        case initProducerID = 22
        case addPartitionsToTransaction = 24
        case endTransaction = 26
        case transactionOffsetCommit = 28
    }

    func configuration(_ properties: [(String, String)] = []) -> KafkaConfiguration {
        KafkaConfiguration(
            bootstrapServers: bootstrapServers, clientID: "test",
            properties: properties.map { KafkaConfiguration.Property($0.0, $0.1) })
    }
}
