import CommandLine
import Kafka
import Redrive

/// Looks at topics before anything is published. Nothing here creates one.
enum TopicSurvey {
    static func exists(_ topic: String, _ reader: KafkaConsumer, _ patience: Duration) throws -> Bool {
        do throws(KafkaError) {
            _ = try reader.partitionCount(of: topic, timeout: patience)
            return true
        } catch {
            if error.kind == .unknownTopic { return false }
            throw error
        }
    }

    /// What a topic's settings mean; a missing topic is a refusal that says how to make it.
    static func rules(
        of topic: String, role: String, _ admin: KafkaAdmin, _ reader: KafkaConsumer, _ patience: Duration
    ) throws -> TopicRules {
        guard try exists(topic, reader, patience) else {
            throw Refusal(
                .refused, "the \(role) \(topic) does not exist; make it with: reprocess-dlq topics --create")
        }
        let count = try reader.partitionCount(of: topic, timeout: patience)
        return TopicRules(topic: topic, partitionCount: count, settings: try settings(of: topic, admin, patience))
    }

    /// Nothing where the broker cannot tell (an embedded mock cluster).
    private static func settings(
        of topic: String, _ admin: KafkaAdmin, _ patience: Duration
    ) throws -> [String: TopicSetting] {
        do throws(KafkaError) {
            return try admin.topicSettings([topic], timeout: patience)[topic] ?? [:]
        } catch {
            if error.kind == .unsupported { return [:] }
            throw error
        }
    }
}
