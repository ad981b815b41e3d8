import TestSupport
import Testing

@Suite("Mock cluster", .timeLimit(.minutes(1)))
struct MockClusterTests {
    @Test("Another process can use it", .enabled(if: ProcessRunner.isInstalled("kcat"), "kcat is not installed"))
    func kcat() async throws {
        let cluster = try MockCluster(brokers: 3)
        try cluster.createTopic("mock", partitions: 2)
        let list = try await ProcessRunner.output(of: ["kcat", "-b", cluster.bootstrapServers, "-L"])
        #expect(list.contains("3 brokers:"))
        #expect(list.contains("topic \"mock\" with 2 partitions:"))
        try cluster.setBroker(2, isUp: false)
        try cluster.setBroker(2, isUp: true)
    }

    @Test("Pushed errors reach the requests", .enabled(if: ProcessRunner.isInstalled("kcat"), "kcat is not installed"))
    func errors() async throws {
        let cluster = try MockCluster()
        try cluster.createTopic("mock", partitions: 1)
        let topicAuthorizationFailed: Int32 = 29
        cluster.pushErrors([topicAuthorizationFailed], apiKey: KafkaRequest.produce)
        let result = try await ProcessRunner.run(
            ["kcat", "-b", cluster.bootstrapServers, "-P", "-t", "mock"], input: .text("value\n"))
        #expect(result.errors.contains("Topic authorization failed"))
    }

    @Test("Nonsense is refused")
    func nonsense() throws {
        let cluster = try MockCluster()
        try cluster.createTopic("mock", partitions: 1)
        #expect(throws: TestSupportError.self) { try cluster.createTopic("mock", partitions: 1) }
        #expect(throws: TestSupportError.self) { try cluster.setLeader(topic: "mock", partition: 9, broker: 1) }
    }
}

@Suite("Scratch Kafka", ScratchKafka.requirement, .timeLimit(.minutes(5)))
struct ScratchKafkaTests {
    @Test("Records survive a kill and a restart")
    func killAndRestart() async throws {
        let kafka = try await ScratchKafka.start()
        let topic = try await kafka.createTopic("kept", partitions: 2, settings: ["retention.ms": "86400000"])
        let produced = try await kafka.kcat(["-P", "-t", topic, "-p", "1"], input: .text("one\ntwo\n"))
        #expect(produced.exitCode == 0)
        try await kafka.nodes[0].kill()
        #expect(!kafka.nodes[0].isRunning)
        try kafka.nodes[0].start()
        try await kafka.waitUntilReady()
        let read = try await kafka.kcat(["-C", "-t", topic, "-p", "1", "-o", "beginning", "-e", "-q"])
        #expect(read.output == "one\ntwo\n")
        let settings = try await kafka.tool(
            "kafka-configs.sh", ["--describe", "--entity-type", "topics", "--entity-name", topic])
        #expect(settings.output.contains("retention.ms=86400000"))
        await #expect(throws: TestSupportError.self) { try await kafka.createTopic(named: topic) }
    }

    @Test("Three nodes replicate, and two go on without the third")
    func threeNodes() async throws {
        let kafka = try await ScratchKafka.start(nodes: 3)
        let topic = try await kafka.createTopic("spread", partitions: 3)
        try await kafka.nodes[2].kill()
        let produced = try await kafka.kcat(["-P", "-t", topic, "-X", "acks=all"], input: .text("one\n"))
        #expect(produced.exitCode == 0)
        try await kafka.stop()
    }

    @Test("A broken setting is told with the broker's log")
    func brokenSetting() async throws {
        await #expect(throws: TestSupportError.self) {
            try await ScratchKafka.start(overrides: ["num.io.threads": "none"])
        }
    }
}

@Suite("Scratch registry", ScratchRegistry.requirement, .timeLimit(.minutes(3)))
struct ScratchRegistryTests {
    @Test("It starts")
    func start() async throws {
        let registry = try await ScratchRegistry.shared()
        #expect(registry.url.hasPrefix("http://127.0.0.1:"))
    }
}
