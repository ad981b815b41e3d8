import Glibc
import Kafka
import TestSupport
import Testing

@Suite("Copies that share a rate through Redis", ScratchKafka.requirement, ScratchRedis.requirement)
struct SharedRateTests {
    @Test("by demand: a copy without records leaves its part to the others; together never more than the rate")
    func demand() async throws {
        let redis = try await ScratchRedis.start()
        // All records are in one of four partitions: by partitions its owner would have a quarter of the rate.
        let scene = try await Scene("demand", records: 0, partitions: 4)
        try await scene.publish(
            (0..<1_200).map { OutgoingRecord(partition: 2, key: [1], value: Array("\($0)".utf8)) })
        let flags = ["--rate", "200", "--shared-rate", "--redis", "127.0.0.1:\(redis.port)"]
        let began = monotonicSeconds()
        let copies = try (0..<2).map { _ in try scene.start("d", flags) }
        var redriven = 0
        for copy in copies {
            let result = try await copy.wait(deadline: 90)
            #expect(result.exitCode == 0, "\(result.errors)")
            #expect(!result.errors.contains("Redis cannot be asked"), "\(result.errors)")
            redriven += result.count("redriven") ?? 0
        }
        let seconds = monotonicSeconds() - began
        #expect(redriven == 1_200)
        // Never faster than the rate allows (a quarter of a second's worth may be made up for).
        #expect(seconds >= 1_150.0 / 200, "\(seconds)")
        // By partitions it would have taken 12 s and more with two copies of two partitions each.
        #expect(try await scene.arrived().count == 1_200)
    }

    @Test("Redis is killed and comes back: each says so, none exceeds its share, every event arrives once")
    func killed() async throws {
        let redis = try await ScratchRedis.start()
        let scene = try await Scene("killed", records: 3_000, partitions: 4)
        let rate = 100.0
        let flags = ["--rate", "\(Int(rate))", "--shared-rate", "--redis", "127.0.0.1:\(redis.port)"]
        let began = monotonicSeconds()
        let copies = try (0..<2).map { _ in try scene.start("k", flags) }
        func most(_ count: Int) -> Bool { Double(count) <= rate * (monotonicSeconds() - began + 0.5) + 2 }
        #expect(await eventually(deadline: 60) { (try? await scene.arrived(isSettled: false).count) ?? 0 > 150 })
        try await redis.kill()
        for copy in copies { _ = try await copy.waitForOutput(onErrors: true) { $0.contains("Redis cannot be asked") } }
        let before = try await scene.arrived(isSettled: false).count
        #expect(most(before))
        #expect(
            await eventually(deadline: 60) { (try? await scene.arrived(isSettled: false).count) ?? 0 > before + 200 })
        #expect(most(try await scene.arrived(isSettled: false).count))
        try await redis.resume()
        for copy in copies { _ = try await copy.waitForOutput(onErrors: true) { $0.contains("Redis is back") } }
        let back = try await scene.arrived(isSettled: false).count
        #expect(await eventually(deadline: 60) { (try? await scene.arrived(isSettled: false).count) ?? 0 > back + 200 })
        #expect(most(try await scene.arrived(isSettled: false).count))
        for copy in copies { copy.signal(SIGTERM) }
        for copy in copies { #expect(try await copy.wait(deadline: 60).exitCode == 143) }
        let rest = try await scene.replay("k", ["--rate", "max"])
        #expect(rest.exitCode == 0, "\(rest.errors)")
        #expect(try await scene.arrived() == Scene.values(scene.committed(scene.source)).sorted())
    }

    @Test("what stands in Redis is absurd: a due time in a far future holds nothing up")
    func absurd() async throws {
        let redis = try await ScratchRedis.start()
        let scene = try await Scene("absurd", records: 100)
        try await redis.cli("hset", "rate:{a}", "due", "9e15", "copy:x", "0.9 9000000000000000")
        let result = try await scene.replay(
            "a", ["--rate", "200", "--shared-rate", "--redis", "127.0.0.1:\(redis.port)"])
        #expect(result.exitCode == 0 && result.count("redriven") == 100, "\(result.errors)")
    }

    @Test("a rate to share, and one copy's work only where it is one copy's")
    func usage() async throws {
        for (arguments, hint) in [
            (["--shared-rate"], "--redis"), (["--shared-rate", "--redis", "h:1", "--rate", "max"], "give a number"),
            (["--shared-rate", "--redis", "h:1", "--to-file", "f"], "--to-file"),
            (["--shared-rate", "--redis", "h:1", "--from-file", "f"], "--from-file"),
        ] {
            let result = try await Program.run(["-b", "localhost:1", "--no-decode"] + arguments)
            #expect(result.exitCode == 2 && result.errors.contains(hint), "\(arguments): \(result.errors)")
        }
    }
}
