import Glibc
import Kafka
import KafkaTestSupport
import Lifecycle
import TestSupport
import Testing

/// `discard` and `restore` on real brokers.
@Suite("discard and restore", ScratchKafka.requirement, .timeLimit(.minutes(5)))
struct DiscardTests {
    fileprivate struct Place {
        let stage: Stage
        let topic: String
        let directory: ScratchDirectory
        var archive: String { directory.file("gone.avro") }
        var restoring: [String] {
            ["-b", stage.brokers, "--progress-topic", "\(topic).progress", "--runs-topic", "\(topic).runs", "--yes"]
        }

        var discarding: [String] {
            [
                "discard", "-b", stage.brokers, "--topic", topic, "--progress-topic", "\(topic).progress",
                "--runs-topic", "\(topic).runs", "--schema-registry", stage.registry, "--reason", "duplicates of INC-7",
                "--rate", "max", "--yes",
            ]
        }

        func discard(_ more: [String] = [], exit: Int32 = 0) async throws -> JSON {
            try await Program.json(discarding + ["--archive", archive] + more, exit: exit)
        }

        func restore(_ more: [String] = [], exit: Int32 = 0) async throws -> JSON {
            try await Program.json(["restore", archive] + restoring + more, exit: exit)
        }

        func list() async throws -> JSON { try await Program.json(["list"] + stage.flags(topic)) }
    }

    /// Letters of two reasons, with tombstones, binary headers and headers of the same name among them.
    private func place(_ label: String, _ count: Int = 30) async throws -> Place {
        let stage = try await Stage.shared(.apacheKafka)
        let topic = try await stage.topic(label)
        let letters = (0..<count).map { number in
            Letters.record(
                number == 3 ? nil : Letters.framed(stage.points, Letters.points(number)),
                headers: Letters.headers(
                    offset: number, code: number % 3 == 0 ? "internal" : "badge.unknown",
                    more: [
                        ("x-twice", [1, 2]), ("x-twice", nil), ("x-binary", [0, 255]),
                        ("x-noise", (0..<64).map { _ in UInt8.random(in: 0...255) }),
                    ]))
        }
        try await stage.publish(letters, to: topic)
        try await stage.createCompanions(of: topic)
        return Place(stage: stage, topic: topic, directory: try ScratchDirectory())
    }

    @Test("what is discarded is in the archive and done; restore puts it back as it was, once")
    func thereAndBack() async throws {
        let place = try await place("discard")
        let discarded = try await place.discard(["--error-code", "internal"])
        #expect(discarded["discarded"].int == 10 && discarded["exit_reason"].string == "done", "\(discarded)")
        #expect(try await place.list()["remaining"].int == 20)
        let dry = try await place.restore(["--dry-run"])
        #expect(dry["records"].int == 10 && dry["restored"].int == 0)
        #expect(dry["reason"].string == "duplicates of INC-7" && dry["by"].string?.contains("@") == true)
        let restored = try await place.restore()
        #expect(restored["restored"].int == 10 && restored["remaining"].int == 0)
        let again = try await place.restore()
        #expect(again["restored"].int == 0 && again["restored_before"].int == 10)
        let list = try await place.list()
        #expect(list["selected"].int == 30, "\(list)")
        #expect(
            try await place.contents(from: 30) == (try await place.contents(only: 0, 3, 6, 9, 12, 15, 18, 21, 24, 27)))
    }

    @Test("an archive that exists already is refused, and nothing is discarded", arguments: [true, false])
    func existing(isAnArchive: Bool) async throws {
        let place = try await place("discard-exists")
        if isAnArchive {
            _ = try await place.discard(["--limit", "5"])
        } else {
            try writeText("something else\n", to: place.archive)
        }
        let left = try await place.list()["remaining"].int
        let refused = try await place.discard(exit: 6)
        #expect(refused["error"].string?.contains("exists already") == true, "\(refused)")
        #expect(try await place.list()["remaining"].int == left)
        let missing = try await Program.run(place.discarding)
        #expect(missing.exitCode == 2 && missing.errors.contains("--archive"))
    }

    @Test("on a disk that takes no more nothing becomes done that is not in the archive")
    func fullDisk() async throws {
        let place = try await place("discard-full", 400)
        let command = ([try ProcessRunner.builtBinary(Program.name)] + place.discarding + ["--archive", place.archive])
            .map { "'\($0)'" }.joined(separator: " ")
        // A limit on the size of files, in blocks of 1,024 bytes, stands for the disk.
        let result = try await ProcessRunner.run(
            ["bash", "-c", "trap '' XFSZ; ulimit -f 8; exec \(command)"], environment: Program.clean, deadline: 90)
        #expect(result.exitCode == 1 && result.errors.contains("gone.avro"), "\(result.errors)")
        // A slow machine may have committed a little before the file was full: that is in it.
        let kept = try await Program.run(
            ["restore", place.archive, "--output", "json"] + place.restoring + ["--dry-run"])
        let records = try #require(JSON(kept.output)["records"].int)
        #expect(records < 400 && kept.exitCode == (records > 0 ? 0 : 6), "\(kept.errors)")
        #expect(try await place.list()["remaining"].int == 400 - records)
    }

    @Test("an archive that is damaged in the middle, cut, or none is refused, and nothing is put back")
    func damaged() async throws {
        let place = try await place("restore-damaged")
        _ = try await place.discard()
        let descriptor = open(place.archive, O_RDWR)
        try #require(descriptor >= 0)
        let size = lseek(descriptor, 0, SEEK_END)
        for position in [size / 4, size / 2, size - 30] {
            try flip(descriptor, at: position)
            let refused = try await place.restore(exit: 6)
            #expect(refused["error"].string?.contains("gone.avro") == true && refused["restored"].int == 0)
            try flip(descriptor, at: position)
        }
        ftruncate(descriptor, size - 100)
        close(descriptor)
        let cut = try await place.restore(exit: 6)
        #expect(cut["restored"].int == 0)
        try writeText("nothing\n", to: place.archive)
        _ = try await place.restore(exit: 6)
        _ = try await Program.json(["restore", place.archive + ".none"] + place.restoring, exit: 1)
        #expect(try await place.list()["remaining"].int == 0)
    }

    @Test("an archive that was damaged while its run rested is not gone on with, and stays as it is")
    func damagedBetween() async throws {
        let place = try await place("discard-resume")
        _ = try await place.discard(["--run", "night", "--limit", "9", "--error-code", "badge.unknown"])
        let descriptor = open(place.archive, O_RDWR)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let size = lseek(descriptor, 0, SEEK_END)
        // Within the records, in the marker behind them, and in a record's middle that still inflates.
        for position in [size / 2, size - 5, size - 200] {
            try flip(descriptor, at: position)
            let refused = try await place.discard(["--run", "night", "--error-code", "badge.unknown"], exit: 6)
            #expect(refused["error"].string?.contains("gone.avro") == true && refused["discarded"].int == 0)
            #expect(lseek(descriptor, 0, SEEK_END) == size)
            try flip(descriptor, at: position)
        }
        #expect(try await place.list()["remaining"].int == 21)
        let rest = try await place.discard(["--run", "night", "--error-code", "badge.unknown"])
        #expect(rest["discarded"].int == 11)
        #expect(try await place.restore()["restored"].int == 20)
    }

    @Test("a file of settings for brokers without transactions does not change how records are discarded")
    func delivery() async throws {
        let place = try await place("discard-delivery")
        let file = place.directory.file("settings.conf")
        try writeText("delivery = at-least-once\n", to: file)
        _ = try await place.discard(["--config", file, "--limit", "5"])
        let run = try await Program.json(["history", "-b", place.stage.brokers, "--runs-topic", "\(place.topic).runs"])
        #expect(run["runs"][0]["definition"]["delivery"][0].string == "exactly-once", "\(run)")
    }

    @Test("kills in the middle of discard and restore lose nothing and double nothing")
    func kills() async throws {
        let place = try await place("discard-kills", 3_000)
        let before = try await place.contents(from: 0)
        let flags =
            place.discarding.filter { $0 != "max" && $0 != "--rate" }
            + ["--archive", place.archive, "--run", "night", "--no-decode", "--error-code", "badge.unknown"]
        let command =
            [try ProcessRunner.builtBinary(Program.name)]
            + flags.filter { $0 != place.stage.registry && $0 != "--schema-registry" }
        var kills = 0
        for _ in 0..<3 {
            let copy = try ChildProcess(command + ["--rate", "300"], environment: Program.clean)
            let before = fileSize(place.archive)
            let hasGrown = await eventually(deadline: 60) {
                fileSize(place.archive) > before + 3_000 || !copy.isRunning
            }
            if hasGrown, copy.isRunning { kills += 1 }
            copy.signal(SIGKILL)
            _ = try await copy.wait(deadline: 10)
        }
        #expect(kills >= 2)
        let rest = try await Program.run(
            Array(command.dropFirst()) + ["--rate", "max", "--output", "json"], deadline: 120)
        #expect(rest.exitCode == 0, "\(rest.errors)")
        #expect(try await place.list()["remaining"].int == 1_000)

        for _ in 0..<2 {
            let copy = try ChildProcess(
                [try ProcessRunner.builtBinary(Program.name), "restore", place.archive] + place.restoring,
                environment: Program.clean)
            let end = try await place.end()
            _ = await eventually(deadline: 60) { ((try? await place.end()) ?? end) > end || !copy.isRunning }
            copy.signal(SIGKILL)
            _ = try await copy.wait(deadline: 10)
        }
        let last = try await place.restore()
        #expect((last["restored"].int ?? 0) + (last["restored_before"].int ?? 0) == 2_000, "\(last)")
        let kept = before.enumerated().filter { $0.offset % 3 != 0 }.map(\.element)
        #expect(try await place.contents(from: 3_000) == kept)
    }

    /// Makes a byte of the file another one; twice makes it the same again.
    private func flip(_ descriptor: Int32, at offset: off_t) throws {
        var byte: [UInt8] = [0]
        try #require(pread(descriptor, &byte, 1, offset) == 1)
        byte[0] ^= 0x55
        try #require(pwrite(descriptor, byte, 1, offset) == 1)
    }

    private func fileSize(_ path: String) -> Int {
        var state = stat()
        return stat(path, &state) == 0 ? Int(state.st_size) : 0
    }
}

extension DiscardTests.Place {
    /// What `read_committed` readers see of the topic's partition, a line for each record.
    fileprivate func contents(from start: Int64) async throws -> [String] {
        let (stage, topic) = (stage, topic)
        return try await BlockingExecutor(name: "contents").run {
            let reader = try KafkaConsumer(stage.kafka, group: nil, isolation: .readCommitted)
            defer { reader.close(timeout: .seconds(5)) }
            let target = TopicPartition(topic: topic, partition: 0)
            try waitUntilStable(stage.kafka, topic)
            let bounds = try reader.stableBounds(of: target, timeout: .seconds(30))
            try reader.assign([PartitionOffset(target, offset: start)])
            let batch = RecordBatch(capacity: 1_000)
            var lines: [String] = []
            var position = start
            while position < bounds.lastStableOffset {
                try reader.pollRecords(into: batch, timeout: .milliseconds(200))
                for index in 0..<batch.count {
                    switch batch.entry(index) {
                    case .record:
                        position = batch.offset(index) + 1
                        var line = "\(batch.timestamp(index).milliseconds) \(batch.key(index).map { Array($0) } ?? [])"
                        line += " \(batch.value(index).map { "\(Array($0))" } ?? "null")"
                        try batch.forEachHeader(index) { name, value in
                            line +=
                                " \(String(decoding: name, as: UTF8.self))=\(value.map { "\(Array($0))" } ?? "null")"
                        }
                        lines.append(line)
                    case .endOfPartition: position = max(position, batch.offset(index))
                    case .error: break
                    }
                }
            }
            return lines
        }
    }

    fileprivate func contents(only offsets: Int...) async throws -> [String] {
        let all = try await contents(from: 0)
        return offsets.map { all[$0] }
    }

    fileprivate func end() async throws -> Int64 {
        let (stage, topic) = (stage, topic)
        return try await BlockingExecutor(name: "end").run {
            let all = try KafkaConsumer(stage.kafka, group: nil, isolation: .readUncommitted)
            defer { all.close(timeout: .seconds(5)) }
            return try all.watermarks(of: TopicPartition(topic: topic, partition: 0), timeout: .seconds(30))
                .highWatermark
        }
    }
}
