import Archive
import Kafka
import TestSupport
import Testing

@Suite("What a replay selects by the events' bodies", ScratchKafka.requirement)
struct SelectionTests {
    /// Twelve events, and, in between, a tombstone, one that is no Avro and one whose schema nobody knows.
    private static func scene(_ label: String, _ registry: Registry) async throws -> Scene {
        let scene = try await Scene(label, records: 0, partitions: 1)
        var records = try (0..<12).map { number in
            OutgoingRecord(
                partition: 0, key: Array("k\(number)".utf8), value: try registry.event(number),
                headers: [(HeaderName("source"), Array((number < 6 ? "import-1" : "live").utf8))],
                timestamp: 1_790_000_000_000 + Int64(number))
        }
        records.insert(OutgoingRecord(partition: 0, key: Array("dead".utf8), value: nil), at: 4)
        records.insert(OutgoingRecord(partition: 0, key: Array("text".utf8), value: Array("no Avro".utf8)), at: 8)
        records.insert(OutgoingRecord(partition: 0, key: Array("new".utf8), value: [0, 0, 9, 9, 9, 1, 2]), at: 9)
        try await scene.publish(records)
        return scene
    }

    private static func keys(_ scene: Scene) async throws -> [String] {
        try await scene.committed(scene.destination).map { String(decoding: $0.key ?? [], as: UTF8.self) }
    }

    @Test(
        "fields, customers, merchants, ids and headers select, and together",
        arguments: [
            (["--where", "points=7"], ["k7"]),
            (["--where", "points=7.0"], ["k7"]),
            (["--where", "points=77"], []),
            (["--where", "nothing=7"], []),
            (["--where", "created_at=null", "--where", "points=2"], ["k2"]),
            (["--customer", Registry.id("c", 1)], ["k1", "k4", "k7", "k10"]),
            (["--customer", Registry.id("c", 1).uppercased(), "--where", "points=4"], ["k4"]),
            (["--customer", Registry.id("c", 1), "--header", "source=import-*"], ["k1", "k4"]),
            (["--event-id", Registry.id("e", 9)], ["k9"]),
            (["--event-type", "points.earned", "--where", "points=3"], ["k3"]),
            (["--event-type", "badge.awarded"], []),
            (["--merchant", Registry.merchant, "--header", "source=l?ve", "--where", "points=11"], ["k11"]),
            (["--header", "source=import-1", "--header", "absent=*"], []),
            (["--since", "2026-09-21T14:13:20.003Z", "--until", "2026-09-21T14:13:20.006Z"], ["k3", "k4", "k5"]),
            // Tombstones have the present time.
            (["--since", "2026-09-21T16:13:20.010+02:00"], ["dead", "k10", "k11"]),
            (["--since", "2025-09-21T14:13:20Z", "--until", "2025-09-21T14:13:21Z"], []),
        ])
    func selects(flags: [String], wanted: [String]) async throws {
        let registry = try await Registry()
        let scene = try await Self.scene("select", registry)
        let result = try await scene.replay("s", ["--rate", "max"] + flags, registry: registry.url)
        #expect(try await Self.keys(scene) == wanted, "\(flags): \(result.errors)")
        #expect(result.count("redriven") == wanted.count && result.count("remaining") == 0, "\(result.output)")
    }

    @Test("a window takes what happened in it, however times and offsets go")
    func unordered() async throws {
        let scene = try await Scene("unordered", records: 0, partitions: 1)
        let hours: [Int64] = [1, 9, 2, 30, 4, 12, 3, 8, 7]
        try await scene.publish(
            hours.map { hour in
                OutgoingRecord(
                    partition: 0, key: nil, value: Array("\(hour)".utf8),
                    timestamp: 1_790_000_000_000 + hour * 3_600_000)
            })
        let window = ["--since", "2026-09-21T17:13:20Z", "--until", "2026-09-21T22:13:20Z"]
        let registry = try await Registry()
        let result = try await scene.replay(
            "u", ["--rate", "max", "--on-undecodable", "publish"] + window, registry: registry.url)
        #expect(try await Scene.values(scene.committed(scene.destination)) == ["4", "3", "7"], "\(result.errors)")
    }

    @Test("a dry run counts by type, merchant and minute, and says how long it would take, of topics and of archives")
    func dryRun() async throws {
        let registry = try await Registry()
        let scene = try await Self.scene("dry", registry)
        let directory = try ScratchDirectory()
        let path = directory.file("a.avro")
        func expect(_ result: ProcessResult, _ what: String, _ code: Int32) {
            #expect(result.exitCode == code, "\(what): \(result.errors)")
            #expect(result.count("redriven") == 12, "\(what): \(result.output)")
            #expect(result.count("estimated_seconds") == 6, "\(what): \(result.output)")
            for part in ["\"points.earned\": 12", "\"\(Registry.merchant)\": 12", "\"2026-09-21T14:13:00Z\": 12"] {
                #expect(result.output.contains(part), "\(what): \(part) in \(result.output)")
            }
        }
        let filter = ["--merchant", Registry.merchant, "--rate", "2"]
        // Whose they are that cannot be read is not known: they are counted, and an archive does not have them.
        let source = ["--topic", scene.source]
        let toTopic = try await Program.run(
            scene.flags("t", source + ["--to", scene.destination, "--dry-run"] + filter, registry: registry.url))
        expect(toTopic, "to a topic", 3)
        let toFile = try await Program.run(
            scene.flags("f", source + ["--to-file", path, "--dry-run"] + filter, registry: registry.url))
        expect(toFile, "to a file", 3)
        let written = try await Program.run(
            scene.flags("w", source + ["--to-file", path, "--rate", "max"], registry: registry.url))
        #expect(written.exitCode == 3, "\(written.errors)")
        let fromFile = try await Program.run(
            scene.flags(
                "r", ["--from-file", path, "--to", scene.destination, "--dry-run"] + filter, registry: registry.url))
        expect(fromFile, "from a file", 0)
        let limited = try await Program.run(
            scene.flags(
                "l", source + ["--to", scene.destination, "--dry-run", "--limit", "4"] + filter, registry: registry.url)
        )
        #expect(limited.count("redriven") == 4, "\(limited.output)")
        let chart = try await Program.run(
            scene.connection + ["--dry-run", "--to", scene.destination, "--schema-registry", registry.url] + source
                + filter)
        for part in ["by type", "by merchant", "by minute", "would take 6"] {
            #expect(chart.output.contains(part), "\(chart.output)\(chart.errors)")
        }
        #expect(try await scene.committed(scene.destination).isEmpty)
    }

    @Test("what cannot be read is counted, or ends the run, or is published as it is")
    func undecodable() async throws {
        let registry = try await Registry()
        let scene = try await Self.scene("undecodable", registry)
        let skipped = try await scene.replay("skip", ["--rate", "max"], registry: registry.url)
        #expect(skipped.exitCode == 3, "\(skipped.errors)")
        #expect(skipped.count("redriven") == 13 && skipped.count("rejected") == 2, "\(skipped.output)")
        #expect(skipped.count("avro.malformed") == 1 && skipped.count("schema.unknown") == 1, "\(skipped.output)")
        let stopped = try await scene.replay(
            "stop", ["--rate", "max", "--on-undecodable", "stop"], registry: registry.url)
        #expect(stopped.exitCode != 0 && stopped.exitCode != 3, "\(stopped.output)")
        #expect(stopped.errors.contains("offset 8") && stopped.errors.contains("--on-undecodable"), "\(stopped.errors)")
        #expect(stopped.count("redriven") == 8, "what stands before it is through: \(stopped.output)")
        let published = try await scene.replay(
            "publish", ["--rate", "max", "--on-undecodable", "publish"], registry: registry.url)
        #expect(published.exitCode == 0 && published.count("redriven") == 15, "\(published.errors)")
        #expect(try await Self.keys(scene).count == 13 + 8 + 15)
        #expect(
            try await scene.committed(scene.destination).last { $0.key == Array("text".utf8) }?.value
                == Array("no Avro".utf8))
    }

    @Test("a run that is to decode needs a registry that answers, and says so")
    func unreachable() async throws {
        let registry = try await Registry()
        let scene = try await Self.scene("unreachable", registry)
        let result = try await scene.replay("u", ["--rate", "max"], registry: "http://127.0.0.1:1")
        #expect(result.exitCode == 5 && result.errors.contains("127.0.0.1:1"), "\(result.errors)")
        #expect(try await scene.committed(scene.destination).isEmpty)
    }
}
