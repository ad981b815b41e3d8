/// The broker properties of one node: everything private, small and quick to recover from a kill.
func kafkaProperties(
    node: ScratchKafkaNode, nodes: Int, controllerPort: UInt16, voters: String, logDirectory: String
) -> [String: String] {
    let replication = String(min(3, nodes))
    let inSync = nodes >= 3 ? "2" : "1"
    return [
        "process.roles": "broker,controller",
        "node.id": String(node.id),
        "listeners": "PLAINTEXT://\(node.address),CONTROLLER://127.0.0.1:\(controllerPort)",
        "advertised.listeners": "PLAINTEXT://\(node.address)",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map":
            "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL",
        "inter.broker.listener.name": "PLAINTEXT",
        "controller.quorum.voters": voters,
        "log.dirs": logDirectory,
        "auto.create.topics.enable": "false",
        "default.replication.factor": replication,
        "min.insync.replicas": inSync,
        "offsets.topic.replication.factor": replication,
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": replication,
        "transaction.state.log.min.isr": inSync,
        "transaction.state.log.num.partitions": "4",
        "share.coordinator.state.topic.replication.factor": replication,
        "share.coordinator.state.topic.min.isr": inSync,
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "1000",
        // A killed node's registration must lapse before it can come back: make that short.
        "broker.heartbeat.interval.ms": "500",
        "broker.session.timeout.ms": "2000",
        // Records keep the timestamps they are given: old ones must not be deleted under a test.
        "log.retention.ms": "-1",
        // Tests of compaction wait for it.
        "log.cleaner.backoff.ms": "200",
    ]
}

/// Sixteen random bytes as Kafka writes them: base64url without padding, not starting with a hyphen.
func randomClusterID() -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    let head = (0..<21).map { index in alphabet[Int.random(in: 0..<(index == 0 ? 62 : 64))] }
    // 128 bits fill 21 characters and 2 bits of the last.
    return String(head) + String(alphabet[Int.random(in: 0..<4) * 16])
}
