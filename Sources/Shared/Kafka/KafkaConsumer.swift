import CRdKafka
import Synchronization

/// A consumer: a member of a group, or a reader of partitions chosen by hand.
///
/// Every call is synchronous and most wait for the network: call from a blocking executor, never from the cooperative
/// pool. Calls may come from any thread; one thread at a time polls.
///
/// Events and records come by separate ways. The consumer's own queue carries rebalances and errors only; every assigned
/// partition's queue is forwarded to one private queue, from which `pollRecords` takes whole batches. So a batch never
/// contains a rebalance, a full record queue never delays one, and librdkafka drops records of an assignment that has
/// ended, or from before a seek, when they are taken from the queue (it compares versions). Both polls count for
/// `max.poll.interval.ms`, and `pollRecords` returns as soon as an event is there.
package final class KafkaConsumer: Sendable {
    /// What of open and aborted transactions a reader sees.
    package enum Isolation: String, Sendable {
        /// Committed records only, up to the last stable offset.
        case readCommitted = "read_committed"
        /// Everything, up to the high watermark.
        case readUncommitted = "read_uncommitted"
    }

    /// The group; nil for a reader without one.
    package let groupID: String?
    /// What it sees of transactions.
    package let isolation: Isolation

    struct Resources: Sendable {
        let client: ClientHandle
        let events: QueueHandle
        let records: QueueHandle
    }

    struct State: Sendable {
        var resources: Resources?
        var isClosed = false
        var isSubscribed = false
    }

    let state: Mutex<State>
    let wakeup: WakeupDescriptor

    /// - Parameters:
    ///   - group: nil for a reader that assigns its partitions itself and commits nothing.
    ///   - isolation: see `Isolation`.
    /// - Throws: `KafkaError` of kind `.configuration` that names the property and librdkafka's reason.
    package init(
        _ configuration: KafkaConfiguration, group: String?, isolation: Isolation, options: ConsumerOptions = .init()
    ) throws(KafkaError) {
        let native = try NativeConfiguration(
            configuration, required: options.required(group: group, isolation: isolation), tuned: options.tuned,
            optional: options.optional)
        // librdkafka assigns only under a group's name; a reader's is never joined nor committed to.
        try native.set("group.id", group ?? "\(configuration.clientID).reader")
        native.enableEvents(
            Int32(RD_KAFKA_EVENT_REBALANCE) | Int32(RD_KAFKA_EVENT_ERROR) | Int32(RD_KAFKA_EVENT_OFFSET_COMMIT))
        let client = try native.makeClient(
            RD_KAFKA_CONSUMER, callbacks: ClientCallbacks(log: configuration.log))
        guard let consumerQueue = rd_kafka_queue_get_consumer(client.raw) else {
            throw KafkaError(.configure, kind: .other, reason: "librdkafka gave no consumer queue")
        }
        let wakeup = try WakeupDescriptor()
        let events = QueueHandle(consumerQueue, of: client)
        let records = QueueHandle(of: client)
        wakeup.watch(events)
        wakeup.watch(records)
        self.groupID = group
        self.isolation = isolation
        self.wakeup = wakeup
        state = Mutex(State(resources: Resources(client: client, events: events, records: records)))
    }

    /// Ends the wait of a `pollRecords` on another thread.
    package func wakeUp() {
        wakeup.interrupt()
    }

    /// The handles, kept alive while a call uses them.
    func resources(_ operation: KafkaOperation) throws(KafkaError) -> Resources {
        let resources = state.withLock { $0.isClosed ? nil : $0.resources }
        guard let resources else { throw KafkaError(operation, kind: .closed, reason: "the consumer is closed") }
        return resources
    }
}

/// How a consumer is tuned.
package struct ConsumerOptions: Sendable {
    /// Keys and values fetched ahead, in KiB, for each queue that partitions are led to (the consumer's own, and every
    /// `RecordQueue`); up to one fetch response (`fetchKilobytes`) a broker comes on top. Records of 300 bytes take about
    /// three times that in memory. Too little stalls: 8 MiB made half of what 32 MiB made, 64 hardly more.
    package var prefetchKilobytes = 32 * 1024
    /// The most that one fetch response carries, in KiB.
    package var fetchKilobytes = 8 * 1024
    /// How long a broker holds back an answer that would have no records; until then the end of a partition whose last
    /// offsets are transaction markers is not known.
    package var fetchWaitMilliseconds = 100
    /// Bytes of records that a broker lets gather before it answers, for at most that time: a reader that need not have every
    /// record at once is then not woken by each.
    package var fetchLeastBytes = 1
    /// How long the coordinator waits for a silent member before it gives its partitions to others.
    package var sessionTimeoutMilliseconds = 10_000
    /// How often a member tells the coordinator that it lives.
    package var heartbeatIntervalMilliseconds = 3_000
    /// The longest time between two polls before the consumer leaves its group.
    package var maximumPollIntervalMilliseconds = 300_000

    /// The defaults that follow from what was measured.
    package init() {}

    func required(group: String?, isolation: KafkaConsumer.Isolation) -> [(String, String)] {
        [
            ("group.id", ""),
            // Eager: with a cooperative strategy a partition that is kept gets no new assignment, and the membership
            // captured with the old one is refused.
            ("partition.assignment.strategy", "range,roundrobin"),
            ("enable.auto.commit", "false"),
            ("enable.auto.offset.store", "false"),
            ("auto.offset.reset", "error"),
            ("enable.partition.eof", "true"),
            ("allow.auto.create.topics", "false"),
            ("isolation.level", isolation.rawValue),
        ]
    }

    var tuned: [(String, String)] {
        [
            ("session.timeout.ms", String(sessionTimeoutMilliseconds)),
            ("heartbeat.interval.ms", String(heartbeatIntervalMilliseconds)),
            ("max.poll.interval.ms", String(max(maximumPollIntervalMilliseconds, sessionTimeoutMilliseconds))),
            ("queued.max.messages.kbytes", String(prefetchKilobytes)),
            ("queued.min.messages", "1000000"),
            ("fetch.max.bytes", String(fetchKilobytes * 1024)),
            ("fetch.message.max.bytes", String(min(fetchKilobytes, 4 * 1024) * 1024)),
            ("fetch.wait.max.ms", String(fetchWaitMilliseconds)),
            ("fetch.min.bytes", String(fetchLeastBytes)),
            ("fetch.error.backoff.ms", "1"),
            // How soon an offset that is held back by a commit that is just ending is asked for again.
            ("retry.backoff.ms", "20"),
            ("check.crcs", "true"),
        ]
    }

    /// Newer versions only: the classic protocol, whose assignments are eager, and the queue's own back-off.
    var optional: [(String, String)] { [("group.protocol", "classic"), ("fetch.queue.backoff.ms", "1")] }
}
