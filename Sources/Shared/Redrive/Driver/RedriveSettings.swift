package import Kafka
package import Pacing

/// Everything that a run is told, checked beforehand.
package struct RedriveSettings: Sendable {
    /// Brokers, client id and further properties of every client.
    package var kafka: KafkaConfiguration
    /// The topics that are read.
    package var sources: SourceTopics
    /// The consumer group whose progress it is; no `/` in it.
    package var group: String
    /// The run's name, written into every redriven record and every commit.
    package var run: String
    /// This copy's random id.
    package var copy: String
    /// How effects reach the brokers.
    package var delivery: Delivery
    /// Nil where that topic does not exist: nothing can be left behind then.
    package var progressTopic: String?
    /// Stops when so many records were selected; needs to be the only member.
    package var limit: Int64?
    /// How fast records are published.
    package var pace: Pace
    /// What ends the run early; needs to be the only member.
    package var bounds = RunBounds()
    /// What needs this copy to be the only member of its group, beside what limit and delivery say; nil is nothing.
    package var soleReason: String?
    /// Goes on when the pinned ends are reached.
    package var follows = false
    /// Follows an offset that another program has committed.
    package var acceptsReset = false
    /// By slot, the run's range, for a run that has pinned it (of partitions not named nothing is in it); nil is all from
    /// the log start on.
    package var range: [Int32: Range<Int64>]?
    /// Whether every record that is read becomes done, published or not.
    package var leavesNothing = false
    /// Whether a source is compacted: a witness may then vanish without meaning anything.
    package var sourceIsCompacted = false
    /// The largest batch that every topic published to takes, bytes.
    package var maximumBatchBytes = 1_000_000
    /// How many partitions the topics have, together, that most records are published to; nil where that is not known.
    package var destinationPartitions: Int?
    /// How long brokers may stay away before the run gives up: one budget for an outage, not for each call. The run then
    /// ends within some seconds more.
    package var patience: Duration = .seconds(60)

    /// How fast.
    package enum Pace: Sendable, Equatable {
        case unlimited
        /// Records a second, for all copies together.
        case rate(Double)
        /// The same, rising or falling.
        case profile(RateProfile)

        /// Whether a transaction's records are few enough to be sent all at once.
        var isModerate: Bool {
            switch profile {
            case .unlimited: false
            case .constant(let rate): rate <= 1_000
            case .ramp(let from, let to, _): max(from, to) <= 1_000
            }
        }

        /// As a schedule takes it.
        package var profile: RateProfile {
            switch self {
            case .unlimited: .unlimited
            case .rate(let rate): .constant(rate)
            case .profile(let profile): profile
            }
        }
    }

    /// Settings with the defaults of everything that is not named here.
    package init(
        kafka: KafkaConfiguration, sources: SourceTopics, group: String, run: String, copy: String, delivery: Delivery,
        progressTopic: String?, limit: Int64? = nil, pace: Pace
    ) {
        self.kafka = kafka
        self.sources = sources
        self.group = group
        self.run = run
        self.copy = copy
        self.delivery = delivery
        self.progressTopic = progressTopic
        self.limit = limit
        self.pace = pace
    }

    /// For one source topic.
    package init(
        kafka: KafkaConfiguration, topic: String, group: String, run: String, copy: String, delivery: Delivery,
        progressTopic: String?, limit: Int64? = nil, pace: Pace
    ) {
        self.init(
            kafka: kafka, sources: SourceTopics([topic]), group: group, run: run, copy: copy, delivery: delivery,
            progressTopic: progressTopic, limit: limit, pace: pace)
    }

    /// The source, as people are told of it: the one topic, or all of them.
    package var topic: String { sources.description }

    /// What needs this copy to be the only member, for the refusal; nil where others may share its work.
    package var needsToBeAlone: String? {
        if limit != nil { return "--limit" }
        if bounds.errors != nil { return "--max-errors" }
        if bounds.parked != nil { return "--max-parked" }
        return delivery == .atLeastOnce ? "--delivery at-least-once" : soleReason
    }

    var laneConfiguration: LaneConfiguration {
        var configuration = LaneConfiguration(
            group: group, sources: sources, run: run, copy: copy, delivery: delivery,
            keepsProgress: progressTopic != nil, limit: limit, budget: .of(pace.profile))
        configuration.leavesNothing = leavesNothing
        configuration.bounds = bounds
        return configuration
    }
}

extension TransactionBudget {
    /// What suits a rate.
    static func of(_ rate: RateProfile) -> TransactionBudget { rate == .unlimited ? .unpaced : .paced }
}
