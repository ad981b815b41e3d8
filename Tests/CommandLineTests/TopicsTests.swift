import TestSupport
import Testing

@Suite("reprocess-dlq topics", ScratchKafka.requirement)
struct TopicsTests {
    private func flags(_ prefix: String, _ brokers: String) -> [String] {
        [
            "topics", "-b", brokers, "--topic", "\(prefix).dlq", "--replay-topic", "\(prefix).replay",
            "--parked-topic", "\(prefix).parked", "--progress-topic", "\(prefix).progress", "--runs-topic",
            "\(prefix).runs",
        ]
    }

    @Test("missing ones are told, then made as they should be, and then all is right")
    func create() async throws {
        let kafka = try await ScratchKafka.shared()
        let flags = flags(uniqueName("topics"), kafka.bootstrapServers)
        let before = try await Program.json(flags, exit: 6)
        #expect(before["topics"].array.map { $0["exists"].bool } == [false, false, false, false, false])

        let unasked = try await Program.run(flags + ["--create"])
        #expect(unasked.exitCode == 6 && unasked.errors.contains("--yes") && unasked.errors.contains("retention.ms=-1"))
        let tried = try await Program.json(flags + ["--create", "--dry-run"], exit: 6)
        #expect(tried["topics"].array.allSatisfy { $0["exists"].bool == false })
        let other = try await Program.run(flags + ["--create", "--yes", "--expect-cluster-id", "another"])
        #expect(other.exitCode == 6 && other.errors.contains("another"))

        let made = try await Program.json(flags + ["--create", "--yes", "--partitions", "3"])
        #expect(made["topics"].array.map { $0["created"].bool } == [true, true, true, true, true])
        #expect(made["topics"].array.map { $0["partitions"].int } == [3, 3, 3, 3, 1])
        for topic in made["topics"].array {
            #expect(topic["settings"] == topic["wanted"] && topic["findings"].array.isEmpty, "\(topic)")
        }
        #expect(made["topics"][3]["settings"]["cleanup.policy"].string == "compact")
        let again = try await Program.json(flags + ["--create", "--yes"])
        #expect(again["topics"].array.allSatisfy { $0["created"].bool == false && $0["exists"].bool == true })
    }

    @Test("what is wrong with topics that exist, and how to mend it; nothing is changed")
    func wrong() async throws {
        let kafka = try await ScratchKafka.shared()
        let prefix = uniqueName("topics")
        try await kafka.createTopic(
            named: "\(prefix).dlq", settings: ["cleanup.policy": "compact", "message.timestamp.type": "LogAppendTime"])
        try await kafka.createTopic(named: "\(prefix).replay", settings: ["retention.ms": "604800000"])
        try await kafka.createTopic(
            named: "\(prefix).parked", settings: ["message.timestamp.before.max.ms": "86400000"])
        try await kafka.createTopic(named: "\(prefix).progress", settings: ["retention.ms": "604800000"])
        try await kafka.createTopic(
            named: "\(prefix).runs", settings: ["cleanup.policy": "compact,delete", "retention.ms": "604800000"])
        let found = try await Program.json(flags(prefix, kafka.bootstrapServers), exit: 6)
        let remedies = found["topics"].array.map { topic in
            topic["findings"].array.filter { $0["weight"].string == "wrong" }.compactMap { $0["set"].string }
        }
        #expect(
            remedies == [
                ["cleanup.policy=delete", "message.timestamp.type=CreateTime"], ["retention.ms=-1"],
                ["message.timestamp.before.max.ms=9223372036854775807"], ["cleanup.policy=compact"],
                ["cleanup.policy=compact"],
            ])
        let text = try await Program.run(flags(prefix, kafka.bootstrapServers) + ["--create", "--yes"])
        #expect(text.exitCode == 6 && text.output.contains("kafka-configs.sh") && text.output.contains("wrong"))
        let after = try await Program.json(flags(prefix, kafka.bootstrapServers), exit: 6)
        #expect(after["topics"] == found["topics"])
    }
}

@Suite("reprocess-dlq topics on the mock cluster")
struct MockTopicsTests {
    @Test("settings that the brokers do not tell are not called right")
    func unknown() async throws {
        let stage = try await Stage.shared(.mockServices)
        let topics = try await Program.json(["topics", "-b", stage.brokers])
        #expect(topics["topics"].array.allSatisfy { $0["findings"][0]["weight"].string == "note" })
    }
}
