import Kafka
import Lifecycle
import TestSupport
import Testing

/// The examples of the man page, each as it is written there.
@Suite("examples of the man page", ScratchKafka.requirement, .timeLimit(.minutes(5)))
struct ExampleTests {
    /// The commands below EXAMPLES, in their order, as a reader sees them.
    private func examples() async throws -> [String] {
        let page = try await Program.run(["man"]).output
        let start = try #require(page.firstRange(of: ".SH EXAMPLES"))
        var commands: [String] = []
        var isCommand = false
        for line in page[start.upperBound...].split(separator: "\n") {
            if line == ".SH SEE ALSO" { break }
            if line == ".nf" || line == ".fi" {
                isCommand = line == ".nf"
            } else if isCommand {
                commands.append(
                    String(line).replacing("\\-", with: "-").replacing("\\(aq", with: "'").replacing("\\&", with: ""))
            }
        }
        return commands
    }

    @Test("all of them work, one after the other, on a queue as after an outage")
    func all() async throws {
        // Default names: a cluster of its own.
        let kafka = try await ScratchKafka.start()
        let stage = try await Stage.shared(.mockServices)
        let directory = try ScratchDirectory("examples")
        let environment: [String: String?] = [
            "KAFKA_BROKER": kafka.bootstrapServers, "SCHEMA_REGISTRY_URL": stage.registry,
        ]
        let commands = try await examples()
        #expect(commands.count == 14)
        let binary = try ProcessRunner.builtBinary(Program.name)
        let path = "\(binary.dropLast(Program.name.count + 1)):/usr/bin:/bin"

        func run(_ command: String, exits: [Int32] = [0]) async throws -> ProcessResult {
            let result = try await ProcessRunner.run(
                ["bash", "-c", "cd '\(directory.path)' && \(command)"],
                environment: Program.clean.merging(environment) { $1 }.merging(["PATH": path]) { $1 }, deadline: 120)
            #expect(exits.contains(result.exitCode ?? -1), "\(command): \(result.errors)\(result.output)")
            return result
        }

        _ = try await run(commands[0])
        try await fill(kafka, stage)
        let consumer = consume(kafka)
        defer { consumer.cancel() }
        for command in commands.dropFirst() {
            let result = try await run(command)
            if command.contains("apply") { #expect(result.output.contains("redriven   20"), "\(result.output)") }
            if command.contains("discard") { #expect(result.output.contains("discarded  15"), "\(result.output)") }
            if command.contains("restore") { #expect(result.output.contains("restored   15"), "\(result.output)") }
        }
        let names = directory.names()
        #expect(names == ["done.jsonl", "gone.avro", "night.html", "night.jsonl"])
        let page = try readText(directory.file("night.html"))
        #expect(page.contains("reprocess-dlq apply night.jsonl") && !page.contains(Letters.email))
        let left = try await run("reprocess-dlq list --output json")
        #expect(try JSON(left.output)["remaining"].int == 0)
    }

    private func fill(_ kafka: ScratchKafka, _ stage: Stage) async throws {
        let codes = ["dependency.unavailable", "badge.unknown", "event.invalid", "internal"]
        let letters = (0..<70).map { number in
            let code = codes[number < 20 ? 0 : number < 35 ? 1 : number < 50 ? 2 : 3]
            var record = Letters.record(
                Letters.framed(stage.points, Letters.points(number)),
                headers: Letters.headers(offset: number, code: code))
            record.partition = Int32(number % 6)
            return record
        }
        let configuration = KafkaConfiguration(bootstrapServers: kafka.bootstrapServers, clientID: "tests")
        try await BlockingExecutor(name: "fill").run {
            let producer = try KafkaProducer(configuration, transactionalID: nil)
            defer { _ = producer.close(timeout: .seconds(5)) }
            for letter in letters { try producer.topic("gamification.dlq").send(letter) }
            try producer.flush(timeout: .seconds(30))
        }
    }

    /// The server's group, which processes all that is replayed.
    private func consume(_ kafka: ScratchKafka) -> Task<Void, any Error> {
        let configuration = KafkaConfiguration(bootstrapServers: kafka.bootstrapServers, clientID: "tests")
        return Task(executorPreference: BlockingExecutor(name: "server")) {
            let reader = try KafkaConsumer(configuration, group: "gamification-server", isolation: .readCommitted)
            defer { reader.close(timeout: .seconds(5)) }
            let partitions = try reader.partitions(of: "gamification.replay", timeout: .seconds(30))
            try reader.assign(partitions.map { PartitionOffset($0, offset: 0) })
            let batch = RecordBatch(capacity: 100)
            while !Task.isCancelled {
                try reader.pollRecords(into: batch, timeout: .milliseconds(100))
                for index in 0..<batch.count where batch.entry(index) == .record {
                    try reader.commit(
                        [PartitionOffset(batch.topicPartition(index), offset: batch.offset(index) + 1)],
                        timeout: .seconds(30))
                }
            }
        }
    }
}
