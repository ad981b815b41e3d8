import CommandLine
package import Kafka
package import Redrive

/// Looks at topics before anything is published. Nothing here creates one.
package enum TopicSurvey {
    /// Whether a topic exists; asked on a consumer handle, which creates none.
    package static func exists(_ topic: String, _ reader: KafkaConsumer, _ patience: Duration) throws -> Bool {
        do throws(KafkaError) {
            _ = try reader.partitionCount(of: topic, timeout: patience)
            return true
        } catch {
            if error.kind == .unknownTopic { return false }
            throw error
        }
    }

    /// What a topic's settings mean; a missing topic is a refusal that says how to make it.
    package static func rules(
        of topic: String, role: String, _ admin: KafkaAdmin, _ reader: KafkaConsumer, _ patience: Duration
    ) throws -> TopicRules {
        guard try exists(topic, reader, patience) else {
            throw Refusal(
                .refused, "the \(role) \(topic) does not exist; make it with: reprocess-dlq topics --create")
        }
        let count = try reader.partitionCount(of: topic, timeout: patience)
        return TopicRules(topic: topic, partitionCount: count, settings: try settings(of: topic, admin, patience))
    }

    /// A topic's effective settings; nothing where the brokers cannot tell: an embedded mock cluster has no controller,
    /// and asking it ends after the whole time-out.
    package static func settings(
        of topic: String, _ admin: KafkaAdmin, _ patience: Duration
    ) throws -> [String: TopicSetting] {
        if try admin.clusterID(timeout: patience).hasPrefix(mockPrefix) { return [:] }
        do throws(KafkaError) {
            return try admin.topicSettings([topic], timeout: patience)[topic] ?? [:]
        } catch {
            if error.kind == .unsupported { return [:] }
            throw error
        }
    }

    /// How the ids of librdkafka's mock clusters begin.
    package static let mockPrefix = "mockCluster"
}
