import Events
import Kafka

/// The failure headers of a dead letter, as the program that wrote it writes them.
struct FailureHeaders {
    typealias List = [(name: Kafka.HeaderName, value: [UInt8]?)]

    let event: Event
    let origin: Origin
    let story: Story
    /// Milliseconds since 1970.
    let failedAt: Int64

    var list: List {
        switch story.author {
        case .nobody: []
        case .plainKIP1191: kip1191
        case .dialect(.ours): ours
        case .dialect(.springDeadLetter): springDeadLetter
        case .dialect(.springRetry): springRetry
        case .dialect(.connect): connect
        case .dialect(.streams): streams
        case .dialect(.smallRye): smallRye
        case .dialect(.karafka): karafka
        }
    }

    /// By the client library's own writer.
    private var ours: List {
        var failure = ProcessingFailure(
            consumed: origin, timestamp: event.time, group: "gamification-server", deliveries: 3,
            message: story.message, code: story.code, failedAt: failedAt)
        failure.eventType = event.type
        if story.body == .intact {
            failure.merchantID = Identifier(event.merchant)
        }
        var batch = HeaderBatch()
        batch.setDeadLetter(failure, carried: DeadLetter())
        var headers: List = []
        batch.forEach { name, value in
            headers.append((Kafka.HeaderName(String(decoding: name, as: UTF8.self)), Array(value)))
        }
        if story.retries > 0 { headers.append(Self.text("gamification.retry.count", "\(story.retries)")) }
        return headers
    }

    private var kip1191: List {
        coordinates("__dlq.errors.topic", "__dlq.errors.partition", "__dlq.errors.offset") + [
            Self.text("__dlq.errors.group", "loyalty-share"), Self.text("__dlq.errors.delivery.count", "5"),
            Self.text("__dlq.errors.message", story.message),
        ]
    }

    private var springDeadLetter: List {
        [
            Self.text(
                "kafka_dlt-exception-fqcn", "org.springframework.kafka.listener.ListenerExecutionFailedException"),
            Self.text("kafka_dlt-exception-message", story.message),
            Self.text("kafka_dlt-original-topic", origin.topic),
            Self.big("kafka_dlt-original-partition", origin.partition),
            Self.big("kafka_dlt-original-offset", origin.offset),
            Self.big("kafka_dlt-original-timestamp", event.time),
            Self.text("kafka_dlt-original-timestamp-type", "CreateTime"),
            Self.text("kafka_dlt-original-consumer-group", "loyalty-mailer"),
        ]
    }

    private var springRetry: List {
        [
            Self.big("retry_topic-attempts", Int32(4)), Self.big("retry_topic-original-timestamp", event.time),
            Self.text("kafka_original-topic", origin.topic), Self.big("kafka_original-partition", origin.partition),
            Self.big("kafka_original-offset", origin.offset), Self.big("kafka_original-timestamp", event.time),
            Self.text("kafka_exception-fqcn", "java.net.SocketTimeoutException"),
            Self.text("kafka_exception-message", story.message),
        ]
    }

    private var connect: List {
        coordinates("__connect.errors.topic", "__connect.errors.partition", "__connect.errors.offset") + [
            Self.text("__connect.errors.connector.name", "loyalty-warehouse"),
            Self.text("__connect.errors.task.id", "0"),
            Self.text("__connect.errors.stage", "TASK_PUT"),
            Self.text("__connect.errors.exception.class.name", "org.apache.kafka.connect.errors.DataException"),
            Self.text("__connect.errors.exception.message", story.message),
        ]
    }

    private var streams: List {
        [
            Self.text("__streams.errors.exception", "java.lang.IllegalStateException"),
            Self.text("__streams.errors.message", story.message),
        ] + coordinates("__streams.errors.topic", "__streams.errors.partition", "__streams.errors.offset")
    }

    private var smallRye: List {
        [
            Self.text("dead-letter-exception-class-name", "org.sqlite.SQLiteException"),
            Self.text("dead-letter-reason", story.message),
        ] + coordinates("dead-letter-topic", "dead-letter-partition", "dead-letter-offset")
    }

    private var karafka: List {
        coordinates("source_topic", "source_partition", "source_offset") + [
            Self.text("source_consumer_group", "loyalty-ruby"), Self.text("source_attempts", "3"),
        ]
    }

    private func coordinates(_ topic: String, _ partition: String, _ offset: String) -> List {
        [
            Self.text(topic, origin.topic), Self.text(partition, "\(origin.partition)"),
            Self.text(offset, "\(origin.offset)"),
        ]
    }

    static func text(_ name: String, _ value: String) -> List.Element {
        (Kafka.HeaderName(name), Array(value.utf8))
    }

    private static func big(_ name: String, _ value: some FixedWidthInteger) -> List.Element {
        (Kafka.HeaderName(name), withUnsafeBytes(of: value.bigEndian) { Array($0) })
    }
}
