import Archive
import Kafka
import KafkaTestSupport
import Lifecycle
import TestSupport
import Testing

/// Topics of a test's own on real Kafka.
struct Scene: Sendable {
    let kafka: ScratchKafka
    let source: String
    let destination: String
    let runs: String
    private let progress: String
    private let executor = BlockingExecutor(name: "scene")

    /// - Parameters:
    ///   - records: how many of the awkward ones are there at first.
    ///   - settings: of the source.
    init(_ label: String, records: Int, partitions: Int = 3, settings: [String: String] = [:]) async throws {
        kafka = try await ScratchKafka.shared()
        source = try await kafka.createTopic("\(label).source", partitions: partitions, settings: settings)
        destination = try await kafka.createTopic("\(label).destination", partitions: partitions)
        runs = try await kafka.createTopic("\(label).runs", settings: ["cleanup.policy": "compact"])
        progress = try await kafka.createTopic("\(label).progress", settings: ["cleanup.policy": "compact"])
        try await publish((0..<records).map { Self.record($0, partitions: partitions) })
    }

    /// Publishes records to the source; all of them are there when it returns.
    func publish(_ records: [OutgoingRecord], to topic: String? = nil) async throws {
        let (configuration, topic) = (configuration, topic ?? source)
        try await executor.run {
            let producer = try KafkaProducer(configuration, transactionalID: nil)
            defer { _ = producer.close(timeout: .seconds(5)) }
            let handle = try producer.topic(topic)
            for record in records { try handle.send(record) }
            try producer.flush(timeout: .seconds(30))
            #expect(producer.takeFailures().count == 0)
        }
    }

    /// Publishes records to the source in a transaction.
    func transact(_ records: [OutgoingRecord], commits: Bool) async throws {
        let (configuration, source) = (configuration, source)
        try await executor.run {
            let producer = try KafkaProducer(configuration, transactionalID: uniqueName("test"))
            defer { _ = producer.close(timeout: .seconds(5)) }
            try producer.initTransactions(timeout: .seconds(30))
            try producer.beginTransaction()
            for record in records { try producer.topic(source).send(record) }
            try producer.flush(timeout: .seconds(30))
            if commits {
                try producer.commitTransaction(timeout: .seconds(30))
            } else {
                try producer.abortTransaction(timeout: .seconds(30))
            }
        }
    }

    /// As retention does it.
    func deleteRecords(before offset: Int64, in partition: Int32) async throws {
        let (configuration, place) = (configuration, TopicPartition(topic: source, partition: partition))
        let starts = try await executor.run {
            let admin = try KafkaAdmin(configuration)
            defer { admin.close(timeout: .seconds(5)) }
            return try admin.deleteRecords(before: [PartitionOffset(place, offset: offset)], timeout: .seconds(30))
        }
        #expect(starts[place] == offset)
    }

    /// Commits offsets of a topic for a group that has no member.
    func commit(_ offset: Int64, of topic: String, for group: String) async throws {
        let result = try await kafka.tool(
            "kafka-consumer-groups.sh",
            ["--group", group, "--topic", topic, "--reset-offsets", "--to-offset", "\(offset)", "--execute"])
        #expect(result.exitCode == 0, "\(result.errors)")
    }

    /// Awkward on purpose: nulls, empty values, repeated header names.
    static func record(_ number: Int, partitions: Int) -> OutgoingRecord {
        OutgoingRecord(
            partition: Int32(number % partitions), key: number % 7 == 0 ? nil : Array("key-\(number % 20)".utf8),
            value: number % 11 == 0 ? nil : Array("value-\(number)".utf8),
            headers: [
                (HeaderName("source"), Array((number % 2 == 0 ? "import-1" : "live").utf8)),
                (HeaderName("twice"), []), (HeaderName("twice"), nil),
            ], timestamp: 1_790_000_000_000 + Int64(number))
    }

    /// Records for two partitions, so large that a batch, which is fetched whole, is a small part of the topic.
    static func large(_ count: Int) -> [OutgoingRecord] {
        (0..<count).map { number in
            OutgoingRecord(
                partition: Int32(number % 2), key: nil,
                value: Array("\(number)-".utf8) + [UInt8](repeating: 120, count: 4_000))
        }
    }

    var configuration: KafkaConfiguration {
        KafkaConfiguration(bootstrapServers: kafka.bootstrapServers, clientID: "test")
    }

    /// Deletes a topic and makes it again, empty.
    func makeAnew(_ topic: String) async throws {
        let configuration = configuration
        try await executor.run {
            let admin = try KafkaAdmin(configuration)
            defer { admin.close(timeout: .seconds(5)) }
            #expect(try admin.deleteTopics([topic], timeout: .seconds(30)).isEmpty)
        }
        #expect(
            await eventually(deadline: 30) {
                (try? await kafka.createTopic(named: topic, partitions: 3)) != nil
            })
    }

    /// What stands in the progress topic under each key: the last value's length, -1 of a tombstone.
    func progressLengths() async throws -> [String: Int] {
        let lines = try await kafka.kcat(["-C", "-t", progress, "-o", "beginning", "-e", "-q", "-f", "%k %S\\n"]).output
        var lengths: [String: Int] = [:]
        for line in lines.split(separator: "\n") {
            let parts = line.split(separator: " ")
            lengths[String(parts[0])] = Int(parts[1])
        }
        return lengths
    }

    var connection: [String] { ["-b", kafka.bootstrapServers, "--runs-topic", runs] }

    func flags(_ run: String, _ more: [String], registry: String? = nil) -> [String] {
        connection + ["--progress-topic", progress, "--run", run, "--yes", "--output", "json"]
            + (registry.map { ["--schema-registry", $0] } ?? ["--no-decode"]) + more
    }

    func replay(_ run: String, _ more: [String], registry: String? = nil) async throws -> ProcessResult {
        try await Program.run(flags(run, ["--topic", source, "--to", destination] + more, registry: registry))
    }

    func start(_ run: String, _ more: [String]) throws -> ChildProcess {
        try Program.start(flags(run, ["--topic", source, "--to", destination] + more))
    }

    /// The values at the destination, as text, sorted.
    func arrived(isSettled: Bool = true) async throws -> [String] {
        try await Self.values(committed(destination, isSettled: isSettled)).sorted()
    }

    static func values(_ records: [ArchivedRecord]) -> [String] {
        records.map { $0.value.map { String(decoding: $0, as: UTF8.self) } ?? "null" }
    }

    /// What a `read_committed` reader sees, partition by partition.
    ///
    /// - Parameter isSettled: wait until no transaction holds anything back; not while a replay is at work.
    func committed(_ topic: String, isSettled: Bool = true) async throws -> [ArchivedRecord] {
        let configuration = configuration
        return try await executor.run {
            if isSettled { try waitUntilStable(configuration, topic) }
            let reader = try KafkaConsumer(configuration, group: nil, isolation: .readCommitted)
            defer { reader.close(timeout: .seconds(5)) }
            var records: [ArchivedRecord] = []
            for place in try reader.partitions(of: topic, timeout: .seconds(30)) {
                let bounds = try reader.stableBounds(of: place, timeout: .seconds(30))
                try reader.assign([PartitionOffset(place, offset: bounds.logStart)])
                let batch = RecordBatch(capacity: 1_000)
                defer { batch.reset() }
                var position = bounds.logStart
                let deadline = monotonicSeconds() + 30
                while position < bounds.lastStableOffset, monotonicSeconds() < deadline {
                    try reader.pollRecords(into: batch, timeout: .milliseconds(200))
                    for index in 0..<batch.count {
                        switch batch.entry(index) {
                        case .record:
                            position = batch.offset(index) + 1
                            records.append(try ArchivedRecord(batch, index))
                        case .endOfPartition: position = max(position, batch.offset(index))
                        case .error: break
                        }
                    }
                }
                try reader.unassign()
            }
            return records
        }
    }
}

extension ProcessResult {
    /// A number of the JSON that `replay` prints.
    func count(_ name: String) -> Int? {
        guard let range = output.firstRange(of: "\"\(name)\": ") else { return nil }
        return Int(output[range.upperBound...].prefix { $0.isNumber })
    }
}
