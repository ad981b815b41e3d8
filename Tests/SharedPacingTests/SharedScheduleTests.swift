import Lifecycle
import Testing

@testable import SharedPacing

@Suite struct SharedScheduleTests {
    private func at(_ seconds: Double) -> MonotonicInstant { .init(nanoseconds: Int64(seconds * 1e9)) }

    @Test("with Redis it asks, and not before the next event is due")
    func asking() {
        var schedule = SharedSchedule(rate: 10, owned: 1, of: 2, start: at(0))
        #expect(schedule.next(limit: 5, at: at(0)) == .ask(limit: 5))
        #expect(schedule.answered(granted: 1, wait: 100_000, at: at(0)) == 1)
        #expect(schedule.next(limit: 5, at: at(0.04)) == .wait(60_000_000))
        #expect(schedule.next(limit: 5, at: at(0.1)) == .ask(limit: 5))
    }

    @Test("without work it is heard of all the same")
    func heartbeat() {
        var schedule = SharedSchedule(rate: 10, owned: 1, of: 2, start: at(0))
        _ = schedule.answered(granted: 0, wait: 1, at: at(0))
        guard case .wait(let pause) = schedule.next(limit: 0, at: at(0.5)) else {
            Issue.record("it should wait")
            return
        }
        #expect(pause < SharedSchedule.silence / 2)
        #expect(schedule.next(limit: 0, at: at(0.5 + Double(pause) / 1e9)) == .ask(limit: 0))
    }

    @Test("Redis goes: nothing for as long as it may still be counted there, then its own share")
    func away() {
        var schedule = SharedSchedule(rate: 10, owned: 1, of: 2, start: at(0))
        _ = schedule.answered(granted: 1, wait: 0, at: at(1))
        #expect(schedule.next(limit: 5, at: at(1.1)) == .ask(limit: 5))
        schedule.failed(mayHaveRun: false, at: at(1.1))
        #expect(!schedule.isShared)
        // A question that never left may be asked again; the silence counts from the last answer.
        #expect(schedule.next(limit: 5, at: at(1.6)) == .ask(limit: 5))
        schedule.failed(mayHaveRun: false, at: at(1.6))
        var granted = 0
        for tick in 0..<1_000 {
            let now = at(6 + Double(tick) / 100)
            switch schedule.next(limit: 5, at: now) {
            case .grant(let count): granted += count
            case .probe: schedule.probed(isUp: false, at: now)
            case .ask: Issue.record("nothing may be asked that counts")
            case .wait: break
            }
        }
        // Ten seconds at half of ten a second.
        #expect((49...52).contains(granted))
    }

    @Test("a question that may have arrived is not repeated: the silence begins anew, once")
    func unknown() {
        var schedule = SharedSchedule(rate: 10, owned: 1, of: 1, start: at(0))
        _ = schedule.answered(granted: 1, wait: 0, at: at(0))
        schedule.failed(mayHaveRun: true, at: at(4))
        for tick in 0..<49 {
            if case .wait = schedule.next(limit: 1, at: at(4 + Double(tick) / 10)) { continue }
            Issue.record("something at \(tick)")
        }
        #expect(schedule.next(limit: 1, at: at(9)) == .grant(1))
    }

    @Test("Redis comes back: found by a question that does not count, then asked")
    func back() {
        var schedule = SharedSchedule(rate: 10, owned: 1, of: 1, start: at(0))
        schedule.failed(mayHaveRun: true, at: at(0))
        #expect(schedule.next(limit: 1, at: at(5)) == .grant(1))
        #expect(schedule.next(limit: 1, at: at(5.5)) == .probe)
        schedule.probed(isUp: true, at: at(5.5))
        #expect(schedule.isShared)
        #expect(schedule.next(limit: 1, at: at(5.5)) == .ask(limit: 1))
    }

    @Test("nothing owned, nothing granted, with Redis or without")
    func nothing() {
        var schedule = SharedSchedule(rate: 10, owned: 0, of: 3, start: at(0))
        schedule.failed(mayHaveRun: true, at: at(0))
        for tick in 0..<100 {
            let now = at(5 + Double(tick))
            if case .grant = schedule.next(limit: 1, at: now) { Issue.record("granted at \(now)") }
            schedule.probed(isUp: false, at: now)
        }
    }

    @Test("copies with outages of every kind never exceed the rate together", arguments: 0..<40)
    func neverMore(seed: Int) {
        var world = PacingWorld(seed: UInt64(seed), copies: 1 + seed % 5, rate: 100)
        world.run(seconds: 60)
        #expect(world.violation == nil)
        #expect(!world.grants.isEmpty)
    }

    @Test("a copy without work leaves its part to the others")
    func demand() {
        var world = PacingWorld(seed: 1, copies: 4, rate: 100, busy: [true, false, false, false], outages: false)
        world.run(seconds: 20)
        #expect(world.violation == nil)
        #expect(world.grants.count > 1_900)
    }
}
