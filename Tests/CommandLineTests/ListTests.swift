import Kafka
import TestSupport
import Testing

@Suite("reprocess-dlq list", .serialized)
struct ListTests {
    /// Eight letters of our own: what each becomes stands beside it.
    private static func ours(_ stage: Stage) -> [OutgoingRecord] {
        let good = Letters.framed(stage.points, Letters.points(1))
        return [
            Letters.record(good, headers: Letters.headers(offset: 1, code: "dependency.unavailable")),
            Letters.record(
                Letters.framed(stage.customers, Letters.customerUpdated(2)),
                headers: Letters.headers(topic: "customer.updated", offset: 2, code: "customer.not_found")),
            Letters.record(Array(good.prefix(30)), headers: Letters.headers(offset: 3, code: "avro.malformed")),
            Letters.record(
                Letters.framed(99_999, Letters.points(4)), headers: Letters.headers(offset: 4, code: "schema.unknown")),
            Letters.record(good, headers: []),
            Letters.record(nil, headers: Letters.headers(offset: 6, code: "internal")),
            Letters.record(
                good,
                headers: Letters.headers(
                    offset: 7, code: "internal", more: [("gamification.retry.count", Array("3".utf8))])),
            Letters.record([0xFF, 0xFF], headers: Letters.headers(offset: 8, code: nil)),
        ]
    }

    @Test(
        "counts by reason, origin, merchant, type and age, and what a drain would do", arguments: Stage.Kind.available)
    func counts(kind: Stage.Kind) async throws {
        let stage = try await Stage.shared(kind)
        let topic = try await stage.topic("list")
        try await stage.publish(Self.ours(stage), to: topic)
        let list = try await Program.json(["list"] + stage.flags(topic))
        #expect(list["command"].string == "list" && list["exit_reason"].string == "done" && list["error"].isNull)
        #expect(list["complete"].bool == true && list["selected"].int == 8 && list["remaining"].int == 8)
        #expect(list["redriven"].int == 0 && list["parked"].int == 0 && list["skipped"].int == 0)
        #expect(ranking(list["by_reason"])["internal"] == 2)
        #expect(ranking(list["by_reason"])["avro.malformed"] == 2)
        #expect(ranking(list["by_reason"])["(not stated)"] == 1)
        #expect(ranking(list["by_origin_topic"]) == ["points.earned": 6, "customer.updated": 1, "(no origin)": 1])
        #expect(ranking(list["by_event_type"]) == ["points.earned": 7, "customer.updated": 1])
        #expect(ranking(list["by_merchant"])[Letters.merchant] == 4)
        #expect(list["plan"]["redrive_to"]["\(topic).replay"].int == 2)
        #expect(list["plan"]["park"]["avro.malformed"].int == 2 && list["plan"]["park"]["schema.unknown"].int == 1)
        #expect(list["plan"]["park"]["origin.missing"].int == 1)
        #expect(list["plan"]["park"]["retries.exhausted"].int == 1 && list["plan"]["fetch_body"].int == 1)
        #expect(list["by_age"].array.reduce(0) { $0 + ($1["records"].int ?? 0) } == 8)
        #expect(list["oldest_failure"].string?.hasPrefix("2026-") == true)
    }

    private func ranking(_ json: JSON) -> [String: Int] {
        Dictionary(
            json["values"].array.map { ($0["value"].string ?? "", $0["records"].int ?? 0) }, uniquingKeysWith: +)
    }

    @Test("what Spring, Connect and Streams wrote", arguments: Stage.Kind.available)
    func others(kind: Stage.Kind) async throws {
        let stage = try await Stage.shared(kind)
        let topic = try await stage.topic("list")
        let names = ["spring-kafka-4.1", "kafka-connect-4.3", "kafka-streams-4.3"]
        let letters = try names.flatMap { try Letters.captured($0) }
        try await stage.publish(letters, to: topic)
        let list = try await Program.json(["list"] + stage.flags(topic, decodes: false))
        #expect(list["selected"].int == letters.count)
        #expect(ranking(list["by_origin_topic"]) == ["points.earned": letters.count])
        let reasons = ranking(list["by_reason"])
        #expect(reasons["org.apache.kafka.connect.errors.DataException"] == 9)
        #expect(reasons["java.lang.IllegalStateException"] == 5)
        #expect(reasons["org.springframework.kafka.listener.ListenerExecutionFailedException"] == 6)
        #expect(list["plan"]["redrive_to"]["\(topic).replay"].int == letters.count)
    }

    @Test("filters select", arguments: Stage.Kind.available)
    func filters(kind: Stage.Kind) async throws {
        let stage = try await Stage.shared(kind)
        let topic = try await stage.topic("list")
        try await stage.publish(Self.ours(stage), to: topic)
        for (filter, selected) in [
            (["--error-code", "internal"], 2), (["--error-code", "internal", "--error-code", "schema.unknown"], 3),
            (["--event-type", "customer.updated"], 1), (["--event-id", Letters.eventID(2)], 1),
            (["--merchant", Letters.merchant.uppercased()], 4), (["--customer", Letters.customer], 4),
            (["--merchant", "nobody"], 0), (["--until", "2026-10-30T08:15:30Z"], 1),
            (["--since", "2026-10-30T08:15:30Z"], 7),
        ] {
            let list = try await Program.json(["list"] + stage.flags(topic) + filter)
            #expect(list["selected"].int == selected, "\(filter)")
            #expect(list["skipped"].int == 8 - selected && list["remaining"].int == 8)
        }
    }

    @Test("for people: bars, plain in a pipe, no more than 80 columns", arguments: Stage.Kind.available)
    func text(kind: Stage.Kind) async throws {
        let stage = try await Stage.shared(kind)
        let topic = try await stage.topic("list")
        try await stage.publish(Self.ours(stage), to: topic)
        let result = try await Program.run(["list"] + stage.flags(topic))
        #expect(result.exitCode == 0)
        for part in ["not done     8 records", "By reason", "By merchant", "By age", "What a drain would do", "█"] {
            #expect(result.output.contains(part), "\(part) is missing in\n\(result.output)")
        }
        #expect(!result.output.unicodeScalars.contains("\u{1B}"))
        let lines: [Substring] = result.output.split(whereSeparator: \.isNewline)
        #expect(lines.dropFirst().allSatisfy { $0.count <= 80 })
        let ascii = try await Program.run(["list"] + stage.flags(topic), environment: ["LC_ALL": "C"])
        #expect(ascii.output.utf8.allSatisfy { $0 < 0x80 } && ascii.output.contains("###"))
        #expect(!result.output.contains(Letters.email) && !result.errors.contains(Letters.email))
    }

    @Test("a topic without records, and one that does not exist")
    func empty() async throws {
        guard Stage.Kind.available.contains(.apacheKafka) else { return }
        let stage = try await Stage.shared(.apacheKafka)
        let topic = try await stage.topic("empty")
        let result = try await Program.run(["list"] + stage.flags(topic))
        #expect(result.exitCode == 0 && result.output.contains("The topic has no records."))
        let missing = try await Program.json(["list"] + stage.flags("\(topic).mistyped"), exit: 6)
        #expect(missing["exit_reason"].string == "refused")
        #expect(missing["error"].string?.contains("\(topic).mistyped does not exist") == true)
    }

    @Test("a reader that goes away ends the program quietly", arguments: Stage.Kind.available)
    func closedOutput(kind: Stage.Kind) async throws {
        let stage = try await Stage.shared(kind)
        let topic = try await stage.topic("list")
        try await stage.publish(Self.ours(stage), to: topic)
        let binary = try ProcessRunner.builtBinary(Program.name)
        let command = ([binary, "list"] + stage.flags(topic)).joined(separator: " ")
        let result = try await ProcessRunner.run(
            ["bash", "-c", "set -o pipefail; \(command) | head -0; echo ${PIPESTATUS[0]}"], environment: Program.clean)
        #expect(result.output == "1\n", "\(result.errors)")
        #expect(!result.errors.contains("Fatal"))
    }

    @Test("results that cannot be written are a failure", arguments: [["list"], ["show", "0:0"]])
    func diskFull(command: [String]) async throws {
        let stage = try await Stage.shared(.mockServices)
        let topic = try await stage.topic("list")
        try await stage.publish(Self.ours(stage), to: topic)
        let result = try await Program.run(command + stage.flags(topic), output: .file("/dev/full"))
        #expect(result.exitCode == 1 && result.errors.contains("no space left"), "\(result.errors)")
    }

    @Test("a registry that is away is exit 5, and its URL is named")
    func registryAway() async throws {
        let stage = try await Stage.shared(.mockServices)
        let topic = try await stage.topic("list")
        try await stage.publish(Self.ours(stage), to: topic)
        let flags = stage.flags(topic, decodes: false).filter { $0 != "--no-decode" }
        let result = try await Program.run(["list"] + flags + ["--schema-registry", "\(stage.registry)/wrong"])
        #expect(result.exitCode == 5 && result.errors.contains("/wrong/schemas/ids/"), "\(result.errors)")
    }
}
