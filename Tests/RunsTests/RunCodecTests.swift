import Redrive
import Testing

@testable import Runs

@Suite("The records of the runs topic")
struct RunCodecTests {
    private static func sample(copies: Int = 2) -> RunRecord {
        var record = RunRecord(
            name: "night-shift", program: "replay", command: "replay", group: "gamification.replay.night-shift",
            definition: [.init("source", ["points.earned"]), .init("selection", ["--merchant m1", "--since é"])],
            range: [.init(topic: "points.earned", bounds: [0..<10, 5..<5])], rate: "100",
            startedAt: 1_764_547_200_123)
        for number in 0..<copies {
            var copy = RunCopy(id: "c\(number)", by: "ann@host", startedAt: 1_764_547_200_123 + Int64(number))
            copy.tally.redriven = Int64(number)
            copy.tally.parked = ["avro.malformed": 1]
            copy.sequence = 3
            copy.reason = number == 0 ? nil : "broke \"off\""
            record.take(copy)
        }
        return record
    }

    private func decode(_ text: String) throws -> RunRecord {
        let bytes = Array(text.utf8)
        return try bytes.withUnsafeBytes { try RunCodec.decodeRun($0) }
    }

    @Test("what is written is read back")
    func roundTrip() throws {
        var record = Self.sample()
        record.archive = .init(digest: "ab12", block: 1_000, record: 7)
        record.finishedAt = 1_764_547_300_456
        let bytes = try RunCodec.encode(record)
        #expect(try bytes.withUnsafeBytes { try RunCodec.decodeRun($0) } == record)
        var control = RunControl(at: 1_764_547_200_123, by: "bob@there")
        control.rate = "max"
        control.isPaused = true
        let encoded = RunCodec.encode(control)
        #expect(try encoded.withUnsafeBytes { try RunCodec.decodeControl($0) } == control)
    }

    @Test("what is published of an archive stays published, whoever writes last")
    func places() {
        var first = Self.sample()
        first.archive = .init(digest: "ab12", block: 1_000, record: 7)
        for (block, record, wanted) in [(Int64(1_000), Int64(3), Int64(7)), (900, 9, 7), (1_000, 8, 8), (1_200, 1, 1)] {
            var later = Self.sample()
            later.archive = .init(digest: "ab12", block: block, record: record)
            #expect(later.begun(by: first).archive?.record == wanted)
        }
        #expect(Self.sample().begun(by: first).archive == first.archive)
        var other = Self.sample()
        other.archive = .init(digest: "cd34", block: 5, record: 1)
        #expect(other.begun(by: first).archive == other.archive)
    }

    @Test("a run that is finished stays so, whichever copy writes last")
    func finished() {
        var first = Self.sample()
        #expect(first.state(at: 1_764_547_200_200) == .running)
        first.finishedAt = 1_764_547_300_456
        #expect(first.state(at: 1_764_547_200_200) == .finished)
        #expect(Self.sample().begun(by: first).finishedAt == first.finishedAt)
    }

    @Test("the documented control reads as it says")
    func documented() throws {
        let text = """
            {"version":1,"rate":"300","paused":false,"stop":true,"at":"2025-12-01T00:00:00.000Z","by":"ann@host"}
            """
        let control = try Array(text.utf8).withUnsafeBytes { try RunCodec.decodeControl($0) }
        #expect(control.rate == "300" && !control.isPaused && control.stops && control.at == 1_764_547_200_000)
    }

    @Test(
        "damage is told, never taken for nothing",
        arguments: [
            "", "{", "[]", "null", "{\"version\":1}", "{\"version\":\"1\"}", "\u{0}\u{1}",
            "{\"version\":1,\"name\":\"n\",\"definition\":[],\"range\":{},\"copies\":[],\"started_at\":\"x\"}",
        ])
    func malformed(text: String) {
        #expect(throws: RunDamage.malformed) { try decode(text) }
    }

    @Test("another version, and a range turned round, are refused")
    func refused() throws {
        #expect(throws: RunDamage.unknownVersion(2)) { try decode("{\"version\":2}") }
        let text = String(decoding: try RunCodec.encode(Self.sample()), as: UTF8.self)
        #expect(throws: RunDamage.malformed) {
            try decode(text.replacing("[0,10]", with: "[10,0]", maxReplacements: 1))
        }
        #expect(throws: RunDamage.malformed) {
            try decode(text.replacing("\"redriven\":1", with: "\"redriven\":-1", maxReplacements: 1))
        }
    }

    @Test("every damaged byte gives an error or a record, never a crash")
    func mutations() throws {
        let good = try RunCodec.encode(Self.sample())
        for index in good.indices {
            for byte: UInt8 in [0, 0x22, 0x7B, 0x39, 0xFF] {
                var bad = good
                bad[index] = byte
                _ = try? bad.withUnsafeBytes { try RunCodec.decodeRun($0) }
            }
            _ = try? good.prefix(index).withUnsafeBytes { try RunCodec.decodeRun($0) }
        }
    }

    @Test("a record that no broker would take is refused before it is sent")
    func tooLarge() {
        var record = Self.sample()
        record.range = [.init(topic: "t", bounds: Array(repeating: 0..<1_000_000_000_000, count: 60_000))]
        #expect {
            try RunCodec.encode(record)
        } throws: {
            if case .tooLarge? = $0 as? RunDamage { true } else { false }
        }
    }

    @Test("copies beyond the bound are summed up; none of their work is forgotten")
    func bounded() {
        var record = Self.sample(copies: 0)
        for number in 0..<100 {
            var copy = RunCopy(id: "c\(number)", by: "ann@host", startedAt: Int64(number))
            copy.state = .stopped
            copy.tally.redriven = 10
            record.take(copy)
        }
        #expect(record.copies.count == RunRecord.maximumCopies)
        #expect(record.earlierCopies == 100 - Int64(RunRecord.maximumCopies))
        #expect(record.tally.redriven == 1_000)
        #expect(record.copies.last?.id == "c99")
    }

    @Test("of one copy the newest word counts, and a silent one is lost")
    func states() {
        var record = Self.sample(copies: 1)
        var newer = record.copies[0]
        newer.sequence = 9
        newer.state = .finished
        var older = newer
        older.sequence = 8
        older.state = .running
        record.take(newer)
        record.take(older)
        #expect(record.copies.map(\.state) == [.finished])
        var silent = RunCopy(id: "x", by: "ann@host", startedAt: 0)
        #expect(silent.state(at: RunCopy.silence + 1) == .lost)
        silent.state = .stopped
        #expect(silent.state(at: RunCopy.silence + 1) == .stopped)
    }

    @Test("names with a suffix of their own are keys of their own")
    func keys() {
        for key in [RunKey.run("a"), .control("a")] {
            #expect(Array(key.text.utf8).withUnsafeBytes { RunKey($0) } == key)
        }
    }
}

@Suite("Copies that begin a replay at the same moment")
struct RunBeginningTests {
    private static func record(_ program: String, end: Int64, at: Int64) -> RunRecord {
        RunRecord(
            name: "r", program: program, command: "start", group: "g", definition: [.init("topic", ["t\(end)"])],
            range: [.init(topic: "t", bounds: [0..<end])], rate: "\(end)", startedAt: at)
    }

    @Test("go by the first record; what each of them says of itself stays its own")
    func first() {
        let first = Self.record("replay", end: 10, at: 5)
        var second = Self.record("replay", end: 12, at: 6)
        second.take(RunCopy(id: "b", by: "b@h", startedAt: 6))
        let joined = second.begun(by: first)
        #expect(joined.range == first.range && joined.definition == first.definition && joined.startedAt == 5)
        #expect(joined.copies == second.copies && joined.rate == "12")
        #expect(joined.begun(by: first) == joined && second.begun(by: nil) == second)
    }

    @Test("a drain is what its last start says")
    func drains() {
        let drain = Self.record("reprocess-dlq", end: 12, at: 6)
        #expect(drain.begun(by: Self.record("reprocess-dlq", end: 10, at: 5)) == drain)
        #expect(drain.begun(by: Self.record("replay", end: 10, at: 5)) == drain)
    }
}
