/// The header names whose values are read. Names are compared byte for byte; `docs/headers.md` lists them all.
package enum HeaderName: UInt8, CaseIterable, Sendable {
    // KIP-1191
    case originTopic, originPartition, originOffset, originGroup, deliveryCount, message
    // Ours
    case errorCode, eventID, eventType, merchantID, firstFailedAt, retryCount, redriveRun, redriveKind
    case originalTimestamp, unparkedCount, parkedReason, parkedBy, parkedAt
    // Spring, dead letters
    case springTopic, springPartition, springOffset, springTimestamp, springGroup, springException, springMessage
    // Spring, retry topics
    case retryTopic, retryPartition, retryOffset, retryTimestamp, retryException, retryMessage, retryAttempts
    case retryFirstTimestamp
    // Connect
    case connectTopic, connectPartition, connectOffset, connectException, connectMessage
    // Streams
    case streamsTopic, streamsPartition, streamsOffset, streamsException, streamsMessage
    // SmallRye
    case smallRyeTopic, smallRyePartition, smallRyeOffset, smallRyeException, smallRyeReason
    // Karafka
    case karafkaTopic, karafkaPartition, karafkaOffset, karafkaGroup, karafkaAttempts, karafkaTraceID

    /// The name as it stands on the record.
    package var text: StaticString {
        switch self {
        case .originTopic: "__dlq.errors.topic"
        case .originPartition: "__dlq.errors.partition"
        case .originOffset: "__dlq.errors.offset"
        case .originGroup: "__dlq.errors.group"
        case .deliveryCount: "__dlq.errors.delivery.count"
        case .message: "__dlq.errors.message"
        case .errorCode: "gamification.error.code"
        case .eventID: "gamification.event.id"
        case .eventType: "gamification.event.type"
        case .merchantID: "gamification.merchant.id"
        case .firstFailedAt: "gamification.first.failed.at"
        case .retryCount: "gamification.retry.count"
        case .redriveRun: "gamification.redrive.run"
        case .redriveKind: "gamification.redrive.kind"
        case .originalTimestamp: "gamification.original.timestamp"
        case .unparkedCount: "gamification.unparked.count"
        case .parkedReason: "gamification.parked.reason"
        case .parkedBy: "gamification.parked.by"
        case .parkedAt: "gamification.parked.at"
        case .springTopic: "kafka_dlt-original-topic"
        case .springPartition: "kafka_dlt-original-partition"
        case .springOffset: "kafka_dlt-original-offset"
        case .springTimestamp: "kafka_dlt-original-timestamp"
        case .springGroup: "kafka_dlt-original-consumer-group"
        case .springException: "kafka_dlt-exception-fqcn"
        case .springMessage: "kafka_dlt-exception-message"
        case .retryTopic: "kafka_original-topic"
        case .retryPartition: "kafka_original-partition"
        case .retryOffset: "kafka_original-offset"
        case .retryTimestamp: "kafka_original-timestamp"
        case .retryException: "kafka_exception-fqcn"
        case .retryMessage: "kafka_exception-message"
        case .retryAttempts: "retry_topic-attempts"
        case .retryFirstTimestamp: "retry_topic-original-timestamp"
        case .connectTopic: "__connect.errors.topic"
        case .connectPartition: "__connect.errors.partition"
        case .connectOffset: "__connect.errors.offset"
        case .connectException: "__connect.errors.exception.class.name"
        case .connectMessage: "__connect.errors.exception.message"
        case .streamsTopic: "__streams.errors.topic"
        case .streamsPartition: "__streams.errors.partition"
        case .streamsOffset: "__streams.errors.offset"
        case .streamsException: "__streams.errors.exception"
        case .streamsMessage: "__streams.errors.message"
        case .smallRyeTopic: "dead-letter-topic"
        case .smallRyePartition: "dead-letter-partition"
        case .smallRyeOffset: "dead-letter-offset"
        case .smallRyeException: "dead-letter-exception-class-name"
        case .smallRyeReason: "dead-letter-reason"
        case .karafkaTopic: "source_topic"
        case .karafkaPartition: "source_partition"
        case .karafkaOffset: "source_offset"
        case .karafkaGroup: "source_consumer_group"
        case .karafkaAttempts: "source_attempts"
        case .karafkaTraceID: "source_trace_id"
        }
    }

    /// Whose header it is.
    package var dialect: Dialect {
        switch self {
        case ...Self.parkedAt: .ours
        case ...Self.springMessage: .springDeadLetter
        case ...Self.retryFirstTimestamp: .springRetry
        case ...Self.connectMessage: .connect
        case ...Self.streamsMessage: .streams
        case ...Self.smallRyeReason: .smallRye
        default: .karafka
        }
    }

    /// How a number of this header is read; `nil` where the value is text.
    package var numberForm: HeaderNumber? {
        switch self {
        case .springPartition, .retryPartition, .retryAttempts: .natural(width: 4)
        case .springOffset, .springTimestamp, .retryOffset, .retryTimestamp: .natural(width: 8)
        case .retryFirstTimestamp: .shortest
        case .originPartition, .originOffset, .deliveryCount, .retryCount, .unparkedCount, .connectPartition,
            .connectOffset, .streamsPartition, .streamsOffset, .smallRyePartition, .smallRyeOffset,
            .karafkaPartition, .karafkaOffset, .karafkaAttempts:
            .text
        default: nil
        }
    }
}

extension HeaderName: Comparable {
    /// The order in which they are declared.
    package static func < (left: Self, right: Self) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension Dialect {
    /// All names of a dialect whose values are read.
    var names: HeaderNameSet {
        switch self {
        case .ours: HeaderNameSet(.originTopic ... .parkedAt)
        case .springDeadLetter: HeaderNameSet(.springTopic ... .springMessage)
        case .springRetry: HeaderNameSet(.retryTopic ... .retryFirstTimestamp)
        case .connect: HeaderNameSet(.connectTopic ... .connectMessage)
        case .streams: HeaderNameSet(.streamsTopic ... .streamsMessage)
        case .smallRye: HeaderNameSet(.smallRyeTopic ... .smallRyeReason)
        case .karafka: HeaderNameSet(.karafkaTopic ... .karafkaTraceID)
        }
    }

    /// The names that give a dialect's origin.
    package var originNames: (topic: HeaderName, partition: HeaderName, offset: HeaderName) {
        switch self {
        case .ours: (.originTopic, .originPartition, .originOffset)
        case .springDeadLetter: (.springTopic, .springPartition, .springOffset)
        case .springRetry: (.retryTopic, .retryPartition, .retryOffset)
        case .connect: (.connectTopic, .connectPartition, .connectOffset)
        case .streams: (.streamsTopic, .streamsPartition, .streamsOffset)
        case .smallRye: (.smallRyeTopic, .smallRyePartition, .smallRyeOffset)
        case .karafka: (.karafkaTopic, .karafkaPartition, .karafkaOffset)
        }
    }
}
