import CRdKafka
import Lifecycle

/// The little of Kafka's administration that the fixtures need, on a librdkafka handle and a thread of its own.
final class KafkaAdmin: Sendable {
    // Invariant: set once, destroyed in deinit; librdkafka's handles are thread-safe.
    private nonisolated(unsafe) let handle: OpaquePointer
    private let executor = BlockingExecutor(name: "test-admin")

    init(bootstrapServers: String) throws {
        handle = try makeHandle(["bootstrap.servers": bootstrapServers, "socket.timeout.ms": "10000"])
    }

    deinit {
        // Destroying waits for the handle's own threads, so it goes where blocking is allowed.
        nonisolated(unsafe) let handle = handle
        NamedThread.start("admin-end") { rd_kafka_destroy(handle) }
    }

    /// The ids of the brokers that the cluster knows; empty if nobody answered within a second.
    func brokers() async -> Set<Int32> {
        await executor.run { [self] in
            withMetadata(of: nil, timeout: 1_000) { metadata in
                Set((0..<Int(metadata.broker_cnt)).map { metadata.brokers[$0].id })
            } ?? []
        }
    }

    /// Creates a topic and waits until every partition has a leader.
    func createTopic(_ name: String, partitions: Int, replication: Int, settings: [String: String]) async throws {
        try await executor.run { [self] in
            try create(name, partitions: partitions, replication: replication, settings: settings)
            let hasLeaders = eventuallyBlocking {
                withMetadata(of: name, timeout: 5_000) { metadata in
                    guard metadata.topic_cnt == 1 else { return false }
                    let topic = metadata.topics[0]
                    guard topic.err == RD_KAFKA_RESP_ERR_NO_ERROR, topic.partition_cnt == partitions else {
                        return false
                    }
                    return (0..<partitions).allSatisfy { topic.partitions[$0].leader >= 0 }
                } ?? false
            }
            guard hasLeaders else { throw TestSupportError("topic \(name) got no leaders") }
        }
    }

    private func create(_ name: String, partitions: Int, replication: Int, settings: [String: String]) throws {
        var reason = [CChar](repeating: 0, count: 512)
        guard let topic = rd_kafka_NewTopic_new(name, Int32(partitions), Int32(replication), &reason, reason.count)
        else {
            throw TestSupportError("topic \(name): \(text(reason))")
        }
        defer { rd_kafka_NewTopic_destroy(topic) }
        for (key, value) in settings { rd_kafka_NewTopic_set_config(topic, key, value) }
        let options = rd_kafka_AdminOptions_new(handle, RD_KAFKA_ADMIN_OP_CREATETOPICS)
        defer { rd_kafka_AdminOptions_destroy(options) }
        let queue = rd_kafka_queue_new(handle)
        defer { rd_kafka_queue_destroy(queue) }
        var topics: [OpaquePointer?] = [topic]
        rd_kafka_CreateTopics(handle, &topics, 1, options, queue)
        guard let event = rd_kafka_queue_poll(queue, 60_000) else { throw TestSupportError("topic \(name): no answer") }
        defer { rd_kafka_event_destroy(event) }
        try check(rd_kafka_event_error(event), rd_kafka_event_error_string(event), name)
        var count = 0
        let results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count)
        for index in 0..<count {
            let result = results?[index]
            try check(rd_kafka_topic_result_error(result), rd_kafka_topic_result_error_string(result), name)
        }
    }

    private func check(_ code: rd_kafka_resp_err_t, _ text: UnsafePointer<CChar>?, _ topic: String) throws {
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        throw TestSupportError("topic \(topic): \(text.map(String.init(cString:)) ?? "error \(code.rawValue)")")
    }

    private func withMetadata<Value>(
        of topic: String?, timeout: Int32, _ body: (rd_kafka_metadata) -> Value
    ) -> Value? {
        let reference = topic.flatMap { rd_kafka_topic_new(handle, $0, nil) }
        defer { if let reference { rd_kafka_topic_destroy(reference) } }
        var metadata: UnsafePointer<rd_kafka_metadata>?
        guard rd_kafka_metadata(handle, 0, reference, &metadata, timeout) == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata
        else { return nil }
        defer { rd_kafka_metadata_destroy(metadata) }
        return body(metadata.pointee)
    }
}

/// A producer handle with these properties, its log silenced.
func makeHandle(_ properties: [String: String]) throws -> OpaquePointer {
    let configuration = rd_kafka_conf_new()
    var reason = [CChar](repeating: 0, count: 512)
    for (name, value) in properties.merging(["log_level": "0"], uniquingKeysWith: { given, _ in given }) {
        guard rd_kafka_conf_set(configuration, name, value, &reason, reason.count) == RD_KAFKA_CONF_OK else {
            rd_kafka_conf_destroy(configuration)
            throw TestSupportError("\(name): \(text(reason))")
        }
    }
    guard let handle = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &reason, reason.count) else {
        rd_kafka_conf_destroy(configuration)
        throw TestSupportError("cannot make a Kafka handle: \(text(reason))")
    }
    return handle
}

private func text(_ buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
