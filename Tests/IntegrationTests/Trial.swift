import Glibc
import Kafka
import Lifecycle
import RedriveProofs
import TestSupport
import Testing

/// Topics of a test's own, filled with dead letters, and readers beside them.
struct Trial: Sendable {
    let kafka: ScratchKafka
    let topics: RedriveTopics
    let watch: DestinationWatch
    let seeder: Seeder
    /// What was seeded at the start.
    let seeded: [ProofRecord]
    private let executor = BlockingExecutor(name: "trial")

    /// - Parameters:
    ///   - kafka: the broker that all tests share, if none is given.
    ///   - records: seeded into every partition.
    ///   - order: where the order of the records is to hold at the destination.
    ///   - capacity: the most records that a partition will ever hold, where more are seeded later.
    init(
        _ label: String, on own: ScratchKafka? = nil, partitions: Int = 3, records: Int, capacity: Int? = nil,
        order: Ledger.Order = .acrossRuns
    ) async throws {
        if let own { kafka = own } else { kafka = try await ScratchKafka.shared() }
        topics = RedriveTopics(label, partitions: partitions)
        try await topics.create(on: kafka)
        seeder = Seeder(kafka.bootstrapServers)
        try await seeder.fill(topics.source, partitions: 0..<partitions, records: 0..<records)
        seeded = (0..<partitions).flatMap { partition in
            (0..<records).map { ProofRecord(partition: Int32(partition), index: Int32($0)) }
        }
        watch = try DestinationWatch(
            kafka, topics, recordsPerPartition: capacity ?? records, order: order)
    }

    var configuration: KafkaConfiguration {
        KafkaConfiguration(bootstrapServers: kafka.bootstrapServers, clientID: "test")
    }

    // MARK: - Drains

    /// A drain with these options fetches no more than a few hundred records ahead.
    static let shortPrefetch = ["-X", "queued.max.messages.kbytes=64", "-X", "fetch.message.max.bytes=20000"]

    func start(run: String, rate: Int? = nil, options: [String] = []) throws -> DrainCopy {
        try DrainCopy(kafka, topics, run: run, rate: rate, options: options)
    }

    /// One drain from start to end.
    func drain(
        run: String, rate: Int? = nil, options: [String] = [], deadline: Double = 120
    ) async throws -> ProcessResult {
        try await start(run: run, rate: rate, options: options).wait(deadline: deadline)
    }

    /// Waits until a copy has written this many records to the destination, committed or not.
    func waitUntilPublished(by copy: DrainCopy, atLeast count: Int = 1, deadline: Double = 60) async throws {
        let hasPublished = await eventually(deadline: deadline) {
            watch.attempts { $0.attempts(by: copy.run) } >= count || !copy.process.isRunning
        }
        try #require(hasPublished && copy.process.isRunning, "\(copy.process.output)\(copy.process.errors)")
    }

    /// Stops a copy (SIGSTOP) at a moment when it has a transaction open.
    func freezeInsideTransaction(_ copy: DrainCopy) async throws {
        for _ in 0..<50 {
            let isOpen = await eventually {
                await watch.openWriters().contains(copy.run) || !copy.process.isRunning
            }
            try #require(isOpen && copy.process.isRunning, "\(copy.process.output)\(copy.process.errors)")
            copy.process.signal(SIGSTOP)
            // A commit that was under way ends with these two questions.
            _ = await watch.openWriters()
            if await watch.openWriters().contains(copy.run) { return }
            copy.process.signal(SIGCONT)
        }
        throw TestSupportError("no transaction was open whenever the copy was stopped")
    }

    // MARK: - Counts

    /// Waits until the destination is stable, then checks that each expected record is there once, unchanged and in
    /// order, and no other.
    func expectEachOnce(
        where isExpected: @Sendable (ProofRecord) -> Bool = { _ in true }, count: Int,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        #expect(await watch.settle(), "the destination never became stable", sourceLocation: sourceLocation)
        let ledger = watch.ledger
        #expect(ledger.isClean, "\(ledger.faults.joined(separator: "\n"))", sourceLocation: sourceLocation)
        let missing = ledger.missing(where: isExpected)
        #expect(missing.isEmpty, "\(missing.count) lost, \(missing.prefix(3))", sourceLocation: sourceLocation)
        #expect(ledger.delivered == count, sourceLocation: sourceLocation)
    }

    /// Records of transactions that were aborted; the destination must be stable.
    var abortedAttempts: Int { watch.attempts(\.attempts) - watch.delivered }

    // MARK: - Kafka

    /// Runs blocking calls where they may block.
    func blocking<Value: Sendable>(_ body: @escaping @Sendable (KafkaConfiguration) throws -> Value) async throws
        -> Value
    {
        let configuration = configuration
        return try await executor.run { try body(configuration) }
    }

    /// What the group has committed, by partition; nil where nothing is.
    func committedOffsets() async throws -> [Int64?] {
        let topics = topics
        return try await blocking { configuration in
            let consumer = try KafkaConsumer(configuration, group: topics.group, isolation: .readCommitted)
            defer { consumer.close(timeout: .seconds(5)) }
            return try consumer.committed(
                (0..<topics.partitions).map { TopicPartition(topic: topics.source, partition: Int32($0)) },
                timeout: .seconds(30)
            ).map(\.offset)
        }
    }
}

extension ProcessResult {
    /// A number of the JSON document on standard output.
    func count(_ name: String) -> Int? {
        output.split(separator: "\n").compactMap { line -> Int? in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].trimmed == "\"\(name)\"" else { return nil }
            return Int(parts[1].trimmed)
        }.first
    }
}

extension Substring {
    fileprivate var trimmed: String { String(filter { $0 != " " && $0 != "," }) }
}
