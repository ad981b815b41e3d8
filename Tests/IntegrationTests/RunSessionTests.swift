import Kafka
import KafkaTestSupport
import Lifecycle
import Redrive
import Runs
import Synchronization
import TestSupport
import Testing

@Suite("Runs that several copies write and follow", ScratchKafka.requirement)
struct RunSessionTests {
    private static func record(_ name: String) -> RunRecord {
        RunRecord(
            name: name, program: "replay", command: "replay", group: "g", definition: [.init("source", ["s"])],
            range: [.init(topic: "s", bounds: [0..<100])], rate: "100", startedAt: now())
    }

    private static func now() -> Int64 { 1_764_547_200_000 }

    private static func topic(_ kafka: ScratchKafka) async throws -> String {
        try await kafka.createTopic("runs", partitions: 3, settings: ["cleanup.policy": "compact"])
    }

    private static func session(_ store: RunStore, _ kafka: KafkaConfiguration, _ name: String, copy: String) throws
        -> RunSession
    {
        let entry = try store.read(name)
        return try RunSession(
            store, kafka: kafka, entry: entry, record: entry.record ?? record(name),
            copy: RunCopy(id: copy, by: "ann@\(copy)", startedAt: now()), now: now)
    }

    @Test("every copy heeds a control within a second, and an old stop is not meant for a new copy")
    func controls() async throws {
        let kafka = try await ScratchKafka.shared()
        let configuration = KafkaConfiguration(bootstrapServers: kafka.bootstrapServers, clientID: "test")
        let topic = try await Self.topic(kafka)
        let heard = Mutex<[String: RunControl]>([:])
        let executor = BlockingExecutor(name: "runs")
        let (store, sessions) = try await executor.run {
            let store = try RunStore(configuration, topic: topic, patience: .seconds(30))
            let sessions = try ["a", "b"].map { try Self.session(store, configuration, "night", copy: $0) }
            return (store, sessions)
        }
        for (index, session) in sessions.enumerated() {
            session.follow(
                tally: { session.copy }, heed: { control in heard.withLock { $0["\(index)"] = control } },
                warn: { Issue.record("\($0)") })
        }
        try await executor.run {
            var control = RunControl(at: Self.now(), by: "bob@elsewhere")
            control.rate = "300"
            control.isPaused = true
            control.stops = true
            try store.write(control, for: "night")
            try store.write(RunControl(at: Self.now(), by: "bob@elsewhere"), for: "another")
        }
        #expect(await eventually { heard.withLock { $0.count == 2 } })
        for control in heard.withLock({ Array($0.values) }) {
            #expect(control.rate == "300" && control.isPaused && control.stops)
        }
        try await executor.run {
            let late = try Self.session(store, configuration, "night", copy: "c")
            #expect(late.control?.rate == "300" && late.control?.isPaused == true && late.control?.stops == false)
            for session in sessions + [late] {
                var copy = session.copy
                copy.state = .stopped
                try session.end(copy)
            }
            #expect(store.close(timeout: .seconds(10)))
        }
    }

    @Test("copies that end at the same moment all stand in the record")
    func together() async throws {
        let kafka = try await ScratchKafka.shared()
        let configuration = KafkaConfiguration(bootstrapServers: kafka.bootstrapServers, clientID: "test")
        let topic = try await Self.topic(kafka)
        let store = try await BlockingExecutor(name: "runs").run {
            try RunStore(configuration, topic: topic, patience: .seconds(30))
        }
        try await withThrowingTaskGroup { group in
            for number in 0..<4 {
                group.addTask {
                    try await BlockingExecutor(name: "copy").run {
                        let session = try Self.session(store, configuration, "together", copy: "c\(number)")
                        session.follow(tally: { session.copy }, heed: { _ in }, warn: { Issue.record("\($0)") })
                        var copy = session.copy
                        copy.state = .finished
                        copy.tally.redriven = 25
                        try session.end(copy)
                    }
                }
            }
            try await group.waitForAll()
        }
        let entry = try await BlockingExecutor(name: "runs").run { try store.all()["together"] }
        let record = try #require(entry?.record)
        #expect(record.copies.count == 4 && record.copies.allSatisfy { $0.state == .finished })
        #expect(record.tally.redriven == 100)
        #expect(record.state(at: Self.now()) == .finished)
    }

    @Test("a copy that heard nothing of its neighbours keeps what they wrote, ended or at work")
    func unheard() async throws {
        let kafka = try await ScratchKafka.shared()
        let configuration = KafkaConfiguration(bootstrapServers: kafka.bootstrapServers, clientID: "test")
        let topic = try await Self.topic(kafka)
        try await BlockingExecutor(name: "runs").run {
            let store = try RunStore(configuration, topic: topic, patience: .seconds(30))
            // None follows: each knows what it read at its start and nothing since.
            let sessions = try ["deaf", "ends", "works"].map {
                try Self.session(store, configuration, "unheard", copy: $0)
            }
            for (index, state) in [(1, RunCopy.State.finished), (2, .running), (0, .finished)] {
                var copy = sessions[index].copy
                copy.state = state
                copy.tally.redriven = 10
                if state == .finished { try sessions[index].end(copy) } else { try sessions[index].write(copy) }
            }
            let record = try #require(try store.read("unheard").record)
            #expect(Set(record.copies.map(\.id)) == ["deaf", "ends", "works"] && record.tally.redriven == 30)
            #expect(record.copies.filter { $0.state == .finished }.count == 2)
            sessions[2].leave()
            #expect(store.close(timeout: .seconds(10)))
        }
    }

    @Test("a copy that was overtaken in an archive does not take its place back, at its start or at its end")
    func overtaken() async throws {
        let kafka = try await ScratchKafka.shared()
        let configuration = KafkaConfiguration(bootstrapServers: kafka.bootstrapServers, clientID: "test")
        let topic = try await Self.topic(kafka)
        try await BlockingExecutor(name: "runs").run {
            let store = try RunStore(configuration, topic: topic, patience: .seconds(30))
            func place(_ record: Int64) -> RunRecord.ArchivePlace { .init(digest: "d", block: 100, record: record) }
            let entry = try store.read("archive")
            var sessions: [RunSession] = []
            for id in ["first", "second"] {
                sessions.append(
                    try RunSession(
                        store, kafka: configuration, entry: entry, record: Self.record("archive"),
                        copy: RunCopy(id: id, by: "ann@\(id)", startedAt: Self.now()), now: Self.now))
            }
            sessions[0].committed(place(10))
            try sessions[0].write(sessions[0].copy)
            sessions[1].committed(place(5))
            try sessions[1].write(sessions[1].copy)
            #expect(try store.read("archive").record?.archive == place(10))
            try sessions[1].end(sessions[1].copy)
            // The topic's last record too: compaction leaves no other.
            let all = try readAll(configuration, topic).filter { $0.key == Array("archive".utf8) }
            let last = try #require(all.last?.value)
            #expect(try last.withUnsafeBytes { try RunCodec.decodeRun($0) }.archive == place(10))
            sessions[0].leave()
            #expect(store.close(timeout: .seconds(10)))
        }
    }

    @Test("a record that cannot be read is told, and a missing topic is no error")
    func damage() async throws {
        let kafka = try await ScratchKafka.shared()
        let configuration = KafkaConfiguration(bootstrapServers: kafka.bootstrapServers, clientID: "test")
        let topic = try await Self.topic(kafka)
        try await BlockingExecutor(name: "runs").run {
            let store = try RunStore(configuration, topic: topic, patience: .seconds(30))
            let producer = try KafkaProducer(configuration, transactionalID: nil)
            try producer.topic(topic).send(
                OutgoingRecord(
                    partition: try store.partition(of: "bad").partition, key: Array("bad".utf8),
                    value: Array("{\"version\":7}".utf8)))
            try producer.flush(timeout: .seconds(10))
            #expect(producer.close(timeout: .seconds(10)))
            let entry = try store.read("bad")
            #expect(entry.record == nil && entry.damage == .unknownVersion(7))
            #expect(try store.read("unheard-of").record == nil)
            let missing = try RunStore(configuration, topic: "no.such.topic", patience: .seconds(30))
            #expect(try !missing.exists())
            #expect(store.close(timeout: .seconds(10)) && missing.close(timeout: .seconds(10)))
        }
    }
}
