import CRdKafka

extension KafkaError {
    /// What the user can do about it, one clause without a final stop; nil where there is nothing to say.
    package var advice: String? {
        switch kind {
        case .authorization: missingPermission
        case .authentication where reason.contains("SCRAM") && rd_kafka_version() < Self.firstWithSoundSCRAM:
            "check user and password; librdkafka before 2.6.1 cannot log in to Kafka 4 by SCRAM at all: use PLAIN over "
                + "TLS, or certificates"
        case .authentication:
            "check the TLS and SASL properties, and that the broker trusts this client's certificate or user"
        case .unreachable: "check the bootstrap servers, the network and the brokers' advertised listeners"
        case .timedOut: "the broker is slow or partly down: try again, or allow more time"
        case .fenced where isFatal:
            "the transaction timed out or another copy took the transactional id: use a new producer"
        case .fenced: "the group has moved on: partitions and positions must be read again"
        case .unknownTopic: topic.map { "check the name, or create topic \($0)" }
        case .messageTooLarge:
            "raise max.message.bytes of \(topic.map { "topic \($0)" } ?? "the topic"), and message.max.bytes with -X if the client refused it"
        case .offsetOutOfRange: "records were deleted by retention, or the topic was made anew"
        case .groupRefused:
            "stop the other members of group \(groupID ?? "of this run"), or use a group of its own"
        case .configuration where code == RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT.rawValue:
            "give session.timeout.ms within the brokers' group.min.session.timeout.ms and group.max.session.timeout.ms"
        case .queueFull: "the broker does not keep up; try again later"
        default: nil
        }
    }

    /// Older ones repeat the client's nonce (librdkafka's pull request 4895), which Kafka 4 refuses.
    private static let firstWithSoundSCRAM: Int32 = 0x0206_01ff

    private var missingPermission: String {
        switch rd_kafka_resp_err_t(rawValue: code) {
        case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
            "grant \(operation.groupPermission) on group \(groupID ?? "of this run")"
        case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
            // Every producer has an id of its own.
            "grant WRITE and DESCRIBE on transactional id \(transactionalID ?? "of this run"), by a prefix of it"
        case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
            operation == .createTopics
                ? "grant CREATE on the cluster\(topic.map { " or on topic \($0)" } ?? "")"
                : "grant IDEMPOTENT_WRITE on the cluster"
        default:
            "grant \(operation.topicPermission) on topic \(topic ?? "in question")"
        }
    }
}
