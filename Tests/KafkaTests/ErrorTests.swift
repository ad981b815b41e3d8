import CRdKafka
import Testing

@testable import Kafka

/// What codes mean to a tool, and what the user is told.
@Suite struct ErrorTests {
    @Test(arguments: [
        (RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, KafkaErrorKind.authorization),
        (RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, .authorization),
        (RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, .authorization),
        (RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, .authorization),
        (RD_KAFKA_RESP_ERR__AUTHENTICATION, .authentication), (RD_KAFKA_RESP_ERR__SSL, .authentication),
        (RD_KAFKA_RESP_ERR__TRANSPORT, .unreachable), (RD_KAFKA_RESP_ERR__RESOLVE, .unreachable),
        (RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, .unreachable), (RD_KAFKA_RESP_ERR__TIMED_OUT, .timedOut),
        (RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, .fenced), (RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, .fenced),
        (RD_KAFKA_RESP_ERR__FENCED, .fenced), (RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, .fenced),
        (RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, .unknownTopic), (RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, .unknownTopic),
        (RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, .messageTooLarge), (RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, .invalidRecord),
        (RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, .offsetOutOfRange), (RD_KAFKA_RESP_ERR__QUEUE_FULL, .queueFull),
        (RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION, .unsupported), (RD_KAFKA_RESP_ERR__INVALID_ARG, .configuration),
        (RD_KAFKA_RESP_ERR_UNKNOWN, .other),
    ])
    func kinds(code: rd_kafka_resp_err_t, kind: KafkaErrorKind) {
        let error = KafkaError(.consume, code: code)
        #expect(error.kind == kind)
        #expect(error.code == code.rawValue)
        #expect(!error.name.isEmpty)
        #expect(!error.reason.isEmpty)
    }

    @Test(arguments: [
        (KafkaOperation.produce, "grant WRITE on topic gamification.replay"),
        (.consume, "grant READ on topic gamification.replay"),
        (.readWatermarks, "grant DESCRIBE on topic gamification.replay"),
        (.createTopics, "grant CREATE on topic gamification.replay"),
        (.describeConfigs, "grant DESCRIBE_CONFIGS on topic gamification.replay"),
        (.deleteRecords, "grant DELETE on topic gamification.replay"),
    ])
    func topicPermissionIsNamed(operation: KafkaOperation, advice: String) {
        let error = KafkaError(
            operation, code: RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, topic: "gamification.replay")
        #expect(error.advice == advice)
        #expect(error.description.contains(advice))
        #expect(error.description.contains("TOPIC_AUTHORIZATION_FAILED"))
    }

    @Test func otherPermissionsAreNamed() {
        let group = KafkaError(.sendOffsets, code: RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED).with(group: "g1")
        #expect(group.advice == "grant READ on group g1")
        let description = KafkaError(.describeGroup, code: RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED)
        #expect(description.with(group: "g1").advice == "grant DESCRIBE on group g1")
        let transaction = KafkaError(
            .initTransactions, code: RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
        #expect(
            transaction.with(transactionalID: "t1").advice
                == "grant WRITE and DESCRIBE on transactional id t1, by a prefix of it")
        let idempotence = KafkaError(.produce, code: RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED)
        #expect(idempotence.advice == "grant IDEMPOTENT_WRITE on the cluster")
        let creation = KafkaError(.createTopics, code: RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, topic: "t")
        #expect(creation.advice == "grant CREATE on the cluster or on topic t")
    }

    @Test func nativeErrorKeepsItsFlags() throws {
        let client = try #require(rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nil, 0))
        defer { rd_kafka_destroy(client) }
        let error = try #require(KafkaError(.commitTransaction, consuming: rd_kafka_begin_transaction(client)))
        #expect(error.code == RD_KAFKA_RESP_ERR__NOT_CONFIGURED.rawValue)
        #expect(error.kind == .configuration)
        #expect(!error.isFatal && !error.isRetriable && !error.requiresAbort)
        #expect(KafkaError(.commitTransaction, consuming: nil) == nil)
    }

    @Test func descriptionSaysWhere() {
        let error = KafkaError(
            .consume, code: RD_KAFKA_RESP_ERR_UNKNOWN, reason: "no luck", topic: "t", partition: 3, offset: 9)
        #expect(error.description == "cannot consume (t[3] offset 9): no luck [UNKNOWN]")
    }

    @Test func waitsAreNeverNegativeNorForEver() {
        #expect(Duration.seconds(-5).clampedMilliseconds == 0)
        #expect(Duration.zero.clampedMilliseconds == 0)
        #expect(Duration.nanoseconds(1).clampedMilliseconds == 1)
        #expect(Duration.milliseconds(1500).clampedMilliseconds == 1500)
        #expect(Duration.seconds(Int64.max).clampedMilliseconds == .max)
        #expect(Deadline(after: .zero).isPast)
        #expect(Deadline(after: .zero).milliseconds() == 0)
    }
}
