package import Kafka

/// Everything that a run is told, checked beforehand.
package struct RedriveSettings: Sendable {
    package var kafka: KafkaConfiguration
    /// The source topic.
    package var topic: String
    package var group: String
    /// The run's name, written into every redriven record and every commit.
    package var run: String
    /// This copy's random id.
    package var copy: String
    package var delivery: Delivery
    /// Nil where that topic does not exist: nothing can be left behind then.
    package var progressTopic: String?
    /// Stops when so many records were selected; needs to be the only member.
    package var limit: Int64?
    package var pace: Pace
    /// What needs this copy to be the only member of its group, beside what limit and delivery say; nil is nothing.
    package var soleReason: String?
    /// Goes on when the pinned ends are reached.
    package var follows = false
    /// Follows an offset that another program has committed.
    package var acceptsReset = false
    /// Whether the source is compacted: a witness may then vanish without meaning anything.
    package var sourceIsCompacted = false
    /// The largest batch that every topic published to takes, bytes.
    package var maximumBatchBytes = 1_000_000
    /// How many partitions the topics have that records are published to, together; nil where that is not known.
    package var destinationPartitions: Int?
    /// How long a call to the brokers may take before the run gives up.
    package var patience: Duration = .seconds(90)

    /// How fast.
    package enum Pace: Sendable, Equatable {
        case unlimited
        /// Records a second, for all copies together.
        case rate(Double)
    }

    package init(
        kafka: KafkaConfiguration, topic: String, group: String, run: String, copy: String, delivery: Delivery,
        progressTopic: String?, limit: Int64? = nil, pace: Pace
    ) {
        self.kafka = kafka
        self.topic = topic
        self.group = group
        self.run = run
        self.copy = copy
        self.delivery = delivery
        self.progressTopic = progressTopic
        self.limit = limit
        self.pace = pace
    }

    /// What needs this copy to be the only member, for the refusal; nil where others may share its work.
    package var needsToBeAlone: String? {
        if limit != nil { return "--limit" }
        return delivery == .atLeastOnce ? "--delivery at-least-once" : soleReason
    }

    var laneConfiguration: LaneConfiguration {
        LaneConfiguration(
            group: group, topic: topic, run: run, copy: copy, delivery: delivery, keepsProgress: progressTopic != nil,
            limit: limit, budget: pace == .unlimited ? .unpaced : .paced)
    }
}
