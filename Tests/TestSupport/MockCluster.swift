import CRdKafka
import Lifecycle

/// librdkafka's mock cluster inside the test process. It listens on TCP, so spawned programs can use it as well.
///
/// It knows groups and transactions but proves nothing about exactly-once: aborted records reach every reader, commits
/// in transactions are not stored, nobody is fenced, and a partition keeps at most 5 MB.
package final class MockCluster: Sendable {
    // Invariant: set once, destroyed in deinit, cluster before handle; the mock cluster takes its own lock.
    private nonisolated(unsafe) let handle: OpaquePointer
    private nonisolated(unsafe) let cluster: OpaquePointer

    /// For `bootstrap.servers`.
    package let bootstrapServers: String

    /// A cluster of `brokers` nodes, with ids from 1.
    package init(brokers: Int = 1) throws {
        handle = try makeHandle([:])
        guard let cluster = rd_kafka_mock_cluster_new(handle, Int32(brokers)) else {
            rd_kafka_destroy(handle)
            throw TestSupportError("cannot make a mock cluster")
        }
        self.cluster = cluster
        bootstrapServers = String(cString: rd_kafka_mock_cluster_bootstraps(cluster))
    }

    deinit {
        nonisolated(unsafe) let (handle, cluster) = (handle, cluster)
        NamedThread.start("mock-end") {
            rd_kafka_mock_cluster_destroy(cluster)
            rd_kafka_destroy(handle)
        }
    }

    /// Creates a topic; others appear with 4 partitions when they are first used.
    package func createTopic(_ name: String, partitions: Int, replication: Int = 1) throws {
        try check(rd_kafka_mock_topic_create(cluster, name, Int32(partitions), Int32(replication)), "create \(name)")
    }

    /// The next requests of type `apiKey` (Kafka protocol's number) fail with these codes in turn; 0 lets one through.
    package func pushErrors(_ codes: [Int32], apiKey: Int16) {
        let errors = codes.map(rd_kafka_resp_err_t.init(rawValue:))
        rd_kafka_mock_push_request_errors_array(cluster, apiKey, errors.count, errors)
    }

    /// Forgets the errors of ``pushErrors(_:apiKey:)`` that no request has met yet.
    package func clearErrors(apiKey: Int16) { rd_kafka_mock_clear_request_errors(cluster, apiKey) }

    /// Metadata for `topic` says this error; 0 ends that.
    package func setError(_ code: Int32, topic: String) {
        rd_kafka_mock_topic_set_error(cluster, topic, rd_kafka_resp_err_t(code))
    }

    /// Makes `broker` the leader of a partition; -1 leaves it without one.
    package func setLeader(topic: String, partition: Int32, broker: Int32) throws {
        try check(rd_kafka_mock_partition_set_leader(cluster, topic, partition, broker), "leader of \(topic)")
    }

    /// Disconnects everybody from a broker and refuses connections, or accepts them again.
    package func setBroker(_ broker: Int32, isUp: Bool) throws {
        let code =
            isUp ? rd_kafka_mock_broker_set_up(cluster, broker) : rd_kafka_mock_broker_set_down(cluster, broker)
        try check(code, "broker \(broker)")
    }

    /// Delays every answer of a broker by this many milliseconds.
    package func setRoundTrip(_ milliseconds: Int, broker: Int32) throws {
        try check(rd_kafka_mock_broker_set_rtt(cluster, broker, Int32(milliseconds)), "broker \(broker)")
    }

    /// Makes `broker` the coordinator of a "group" or a "transaction" of this name.
    package func setCoordinator(_ kind: String, key: String, broker: Int32) throws {
        try check(rd_kafka_mock_coordinator_set(cluster, kind, key, broker), "coordinator of \(key)")
    }

    private func check(_ code: rd_kafka_resp_err_t, _ what: String) throws {
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        throw TestSupportError("mock cluster, \(what): \(String(cString: rd_kafka_err2str(code)))")
    }
}

/// Request numbers of the Kafka protocol, for ``MockCluster/pushErrors(_:apiKey:)``.
package enum KafkaRequest {
    /// Produce
    package static let produce: Int16 = 0
    /// Fetch
    package static let fetch: Int16 = 1
    /// ListOffsets
    package static let listOffsets: Int16 = 2
    /// Metadata
    package static let metadata: Int16 = 3
    /// OffsetCommit
    package static let offsetCommit: Int16 = 8
    /// OffsetFetch
    package static let offsetFetch: Int16 = 9
    /// FindCoordinator
    package static let findCoordinator: Int16 = 10
    /// JoinGroup
    package static let joinGroup: Int16 = 11
    /// Heartbeat
    package static let heartbeat: Int16 = 12
    /// SyncGroup
    package static let syncGroup: Int16 = 14
    /// InitProducerId
    package static let initProducerID: Int16 = 22
    /// AddPartitionsToTxn
    package static let addPartitions: Int16 = 24
    /// AddOffsetsToTxn
    package static let addOffsets: Int16 = 25
    /// EndTxn
    package static let endTransaction: Int16 = 26
    /// TxnOffsetCommit
    package static let transactionOffsetCommit: Int16 = 28
}
