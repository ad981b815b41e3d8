import Lifecycle
import Redis
import TestSupport
import Testing

@testable import SharedPacing

/// The script on a real server.
@Suite(ScratchRedis.requirement, .blocking) struct SharedPacerTests {
    private func configuration(_ port: UInt16) -> RedisConfiguration {
        RedisConfiguration([RedisAddress(host: "127.0.0.1", port: Int(port))], clientName: "SharedPacingTests")
    }

    @Test("three copies together keep to the rate, and reach it")
    func together() async throws {
        let server = try await ScratchRedis.shared()
        let (rate, run) = (2_000.0, uniqueName("run"))
        let pacers = try (0..<3).map { _ in
            try SharedPacer(configuration(server.port), run: run, rate: rate, owned: 1, of: 3)
        }
        let start = MonotonicInstant.now()
        var granted = 0
        let isReached = eventuallyBlocking {
            for pacer in pacers {
                granted += pacer.grant(upTo: 500)
                let seconds = MonotonicInstant.now().seconds(since: start)
                // The first event is due at once, and stalls may be made up for by a quarter of a second's worth.
                #expect(Double(granted) <= rate * (seconds + 0.25) + 2)
            }
            return granted >= 2_000
        }
        #expect(isReached)
        #expect(pacers.allSatisfy { $0.isShared && $0.lastError == nil })
        for pacer in pacers { pacer.leave() }
        #expect(try await server.cli("hlen", SharedRate.key(run: run)) == "1")
        #expect(try await server.cli("pttl", SharedRate.key(run: run)) != "-1")
    }

    @Test("the script answers as the model does, on a clock that only goes on")
    func model() async throws {
        let server = try await ScratchRedis.shared()
        let session = try RedisSession(configuration(server.port))
        defer { session.close() }
        func ask(_ run: String, _ copy: String, _ share: Double, _ rate: Double, _ limit: Int) throws
            -> SharedRate.Answer
        {
            let command = SharedRate.ask(run: run, copy: copy, share: share, rate: rate, limit: limit)
            return try #require(SharedRate.Answer(try session.run(command)))
        }
        let run = uniqueName("run")
        // One event an hour: the first at once, the next in an hour; half of that for half of the copies.
        #expect(try ask(run, "a", 1, 1.0 / 3_600, 10).granted == 1)
        let second = try ask(run, "a", 1, 1.0 / 3_600, 10)
        #expect(second.granted == 0)
        #expect((3_590_000_000...3_600_000_000).contains(second.wait ?? 0))
        // Both shares make the whole, never more.
        #expect(try ask(run, "b", 1, 1.0 / 3_600, 10).granted == 0)
        #expect(try ask(uniqueName("run"), "a", 0, 10, 10) == .init(granted: 0, wait: nil))
        #expect(try ask(uniqueName("run"), "a", 1, 10_000_000, 0).granted == 0)
    }

    @Test("a clock that went back, and copies from the future, hold nothing up")
    func clock() async throws {
        let server = try await ScratchRedis.shared()
        let session = try RedisSession(configuration(server.port))
        defer { session.close() }
        let run = uniqueName("run")
        try session.run(
            RedisCommand(
                "HSET", key: SharedRate.key(run: run), "due", "9e15", "copy:old", "0.5 9000000000000000"))
        let command = SharedRate.ask(run: run, copy: "a", share: 1, rate: 1_000, limit: 1)
        let answer = SharedRate.Answer(try session.run(command))
        #expect(answer?.granted == 0)
        #expect(answer?.wait.map { $0 <= 1_000 } == true)
        #expect(try await server.cli("hexists", SharedRate.key(run: run), "copy:old") == "0")
    }

    @Test("without Redis it grants nothing at first, and says why")
    func away() throws {
        let pacer = try SharedPacer(configuration(try FreePort.next()), run: "r", rate: 100, owned: 1, of: 1)
        #expect(pacer.grant(upTo: 10) == 0)
        #expect(!pacer.isShared)
        #expect(pacer.lastError?.kind == .unreachable)
        #expect(pacer.pause(limit: 10) > 0)
        pacer.leave()
    }

    @Test("answers that are none are refused")
    func answers() {
        for reply: RedisReply in [.null, .integer(1), .array([.integer(1)]), .array([.integer(-1), .integer(0)])] {
            #expect(SharedRate.Answer(reply) == nil)
        }
        #expect(SharedRate.Answer(.array([.integer(2), .integer(-1)])) == .init(granted: 2, wait: nil))
    }
}
