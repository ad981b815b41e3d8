/// How effects reach the broker.
package enum Delivery: String, Sendable, CaseIterable {
    /// Publish, progress and offset in one Kafka transaction.
    case exactlyOnce = "exactly-once"
    /// Publish and progress acknowledged before the offset is committed; a kill may repeat the last batch.
    case atLeastOnce = "at-least-once"
}

/// What a lane is told once, when it is made.
package struct LaneConfiguration: Sendable {
    /// The consumer group; no `/` in it.
    package var group: String
    /// The topics that are read.
    package var sources: SourceTopics
    /// The run's name, at most 255 bytes.
    package var run: String
    /// The copy's random id, at most 255 bytes.
    package var copy: String
    /// How effects reach the brokers.
    package var delivery: Delivery
    /// Whether the progress topic exists; without it nothing may be left behind.
    package var keepsProgress: Bool
    /// How many records may be selected in all; nil is no limit.
    package var limit: Int64?
    /// When a transaction is full.
    package var budget: TransactionBudget
    /// What ends the lane early; needs to be the only member.
    package var bounds = RunBounds()
    /// Whether every record that is read becomes done, published or not.
    package var leavesNothing = false
    /// Transactions that may fail one after the other before the lane gives up.
    package var maximumAborts = 20
    /// Fatal faults within `fencingWindow` that end the lane.
    package var maximumFencings = 3
    /// Nanoseconds.
    package var fencingWindow: UInt64 = 300_000_000_000

    /// For several source topics; a partition is named by its slot.
    package init(
        group: String, sources: SourceTopics, run: String, copy: String, delivery: Delivery, keepsProgress: Bool,
        limit: Int64? = nil, budget: TransactionBudget
    ) {
        self.group = group
        self.sources = sources
        self.run = run
        self.copy = copy
        self.delivery = delivery
        self.keepsProgress = keepsProgress
        self.limit = limit
        self.budget = budget
    }

    /// For one source topic.
    package init(
        group: String, topic: String, run: String, copy: String, delivery: Delivery, keepsProgress: Bool,
        limit: Int64? = nil, budget: TransactionBudget
    ) {
        self.init(
            group: group, sources: SourceTopics([topic]), run: run, copy: copy, delivery: delivery,
            keepsProgress: keepsProgress, limit: limit, budget: budget)
    }
}

/// When a transaction is full.
package struct TransactionBudget: Sendable {
    /// Nanoseconds from the first record to the commit.
    package var age: UInt64
    /// Bytes of keys and values.
    package var bytes: Int64
    /// Records published.
    package var records: Int

    /// - Parameters:
    ///   - age: nanoseconds.
    ///   - bytes: of keys and values.
    ///   - records: at least 1.
    package init(age: UInt64, bytes: Int64, records: Int) {
        self.age = age
        self.bytes = bytes
        self.records = records
    }

    /// Large transactions: half a second or 16 MiB.
    package static let unpaced = TransactionBudget(age: 500_000_000, bytes: 16 << 20, records: 60_000)
    /// Short ones, so that a paced run reaches read_committed readers as a stream.
    package static let paced = TransactionBudget(age: 200_000_000, bytes: 4 << 20, records: 10_000)
}
