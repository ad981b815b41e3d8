/// How effects reach the broker.
package enum Delivery: String, Sendable, CaseIterable {
    /// Publish, progress and offset in one Kafka transaction.
    case exactlyOnce = "exactly-once"
    /// Publish and progress acknowledged before the offset is committed; a kill may repeat the last batch.
    case atLeastOnce = "at-least-once"
}

/// What a lane is told once, when it is made.
package struct LaneConfiguration: Sendable {
    package var group: String
    package var sources: SourceTopics
    package var run: String
    package var copy: String
    package var delivery: Delivery
    /// Whether the progress topic exists; without it nothing may be left behind.
    package var keepsProgress: Bool
    /// How many records may be selected in all; nil is no limit.
    package var limit: Int64?
    package var budget: TransactionBudget
    /// Whether every record that is read becomes done, published or not: a partition that is finished then needs no
    /// progress any more, and what stands of it becomes tombstones.
    package var leavesNothing = false
    /// Transactions that may fail one after the other before the lane gives up.
    package var maximumAborts = 20
    /// Fatal faults within `fencingWindow` that end the lane.
    package var maximumFencings = 3
    /// Nanoseconds.
    package var fencingWindow: UInt64 = 300_000_000_000

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
    package var records: Int

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
