package import Kafka

/// What a topic's settings mean for records that are published to it, or kept in it.
package struct TopicRules: Sendable, Equatable {
    /// The topic's name.
    package let topic: String
    /// At least 1.
    package let partitionCount: Int32
    /// Milliseconds; nil keeps records whatever their age.
    package let retention: Int64?
    /// `cleanup.policy` names `compact`.
    package let isCompacted: Bool
    /// `cleanup.policy` names `delete`.
    package let isDeleting: Bool
    /// `message.timestamp.type=LogAppendTime`: the broker writes its own time over the record's.
    package let overwritesTimestamps: Bool
    /// How far a timestamp may lie behind the broker's clock, milliseconds; nil for no bound.
    package let maximumAge: Int64?
    /// How far it may lie ahead.
    package let maximumLead: Int64?
    /// The largest batch the topic takes, bytes.
    package let maximumMessageBytes: Int

    /// - Parameter settings: the topic's effective settings; what is missing counts as unlimited.
    package init(topic: String, partitionCount: Int32, settings: [String: TopicSetting]) {
        func number(_ name: String) -> Int64? { settings[name]?.value.flatMap { Int64($0) } }
        func bound(_ name: String) -> Int64? { number(name).flatMap { $0 < 0 || $0 == .max ? nil : $0 } }
        self.topic = topic
        self.partitionCount = partitionCount
        let policy = settings["cleanup.policy"]?.value ?? "delete"
        isCompacted = policy.contains("compact")
        isDeleting = policy.contains("delete")
        retention = isDeleting ? bound("retention.ms") : nil
        overwritesTimestamps = settings["message.timestamp.type"]?.value == "LogAppendTime"
        maximumAge = bound("message.timestamp.before.max.ms") ?? bound("message.timestamp.difference.max.ms")
        maximumLead = bound("message.timestamp.after.max.ms") ?? bound("message.timestamp.difference.max.ms")
        maximumMessageBytes = number("max.message.bytes").map { Int($0) } ?? 1_048_588
    }

    /// How old a record may be when it is published, milliseconds: the retention less a day, so that it can still be
    /// read; of a retention shorter than two days, half of it.
    package var oldestKept: Int64? {
        retention.map { max($0 - 86_400_000, $0 / 2) }
    }

    /// Why a record with this timestamp must not be published to the topic; nil where it may.
    ///
    /// - Parameters:
    ///   - timestamp, now: milliseconds since 1970.
    package func objection(to timestamp: Int64, now: Int64) -> TimestampObjection? {
        if overwritesTimestamps {
            return TimestampObjection(
                topic: topic, setting: "message.timestamp.type=LogAppendTime", effect: .overwritten)
        }
        // A producer may have written any time, however long before 1970.
        let (difference, isTooLarge) = now.subtractingReportingOverflow(timestamp)
        let age = isTooLarge ? .max : difference
        if let oldestKept, let retention, age > oldestKept {
            return TimestampObjection(topic: topic, setting: "retention.ms=\(retention)", effect: .deleted)
        }
        if let maximumAge, age > maximumAge {
            return TimestampObjection(
                topic: topic, setting: "message.timestamp.before.max.ms=\(maximumAge)", effect: .refused)
        }
        if let maximumLead, -age > maximumLead {
            return TimestampObjection(
                topic: topic, setting: "message.timestamp.after.max.ms=\(maximumLead)", effect: .refused)
        }
        return nil
    }
}

/// Why a topic would not keep a record as it is.
package struct TimestampObjection: Error, Sendable, Equatable, CustomStringConvertible {
    /// What would become of the record.
    package enum Effect: Sendable, Equatable {
        /// Retention would delete it, soon or at once.
        case deleted
        /// The broker would refuse it.
        case refused
        /// The broker would write another time over its own.
        case overwritten
    }

    /// The topic that would not keep it.
    package let topic: String
    /// The setting that says so, with its value.
    package let setting: String
    /// What would become of it.
    package let effect: Effect

    /// One sentence: topic, setting, effect, and what to do.
    package var description: String {
        let what =
            switch effect {
            case .deleted: "would delete a record as old as this soon, or at once"
            case .refused: "would refuse this record's timestamp"
            case .overwritten: "would overwrite the record's timestamp"
            }
        return "topic \(topic) (\(setting)) \(what); change the setting, or publish with --timestamp now"
    }
}
