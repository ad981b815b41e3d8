import Lifecycle
import Pacing
import Testing

@Suite("Absolute schedule")
struct AbsoluteScheduleTests {
    @Test("Event k is granted at k/rate and not a nanosecond before", arguments: [0.001, 1, 3, 7, 100, 333.3, 1e7])
    func exact(rate: Double) {
        var schedule = AbsoluteSchedule(.constant(rate), start: at(5))
        #expect(schedule.grant(upTo: 10, at: at(4.999_999_999)) == 0)
        #expect(schedule.nextDue(at: at(4)) == 1_000_000_000)
        var now = at(5)
        for event in 0..<200 {
            #expect(schedule.nextDue(at: now) == 0)
            #expect(schedule.grant(upTo: 10, at: now) == 1)
            guard let wait = schedule.nextDue(at: now) else {
                Issue.record("never due")
                return
            }
            #expect(wait > 0)
            #expect(schedule.grant(upTo: 10, at: now.advanced(by: wait - 1)) == 0)
            now = now.advanced(by: wait)
            let exact = Double(event + 1) / rate
            #expect(abs(now.seconds(since: at(5)) - exact) <= 2e-9 + exact * 1e-15)
        }
    }

    @Test("No drift over ten million events, whatever the granularity", arguments: [UInt64](1...5))
    func noDrift(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let rate = 100_000.0
        var schedule = AbsoluteSchedule(.constant(rate), start: at(0))
        var now = at(0)
        var total = 0
        while total < 10_000_000 {
            now = now.advanced(by: Int64.random(in: 1...500_000_000, using: &random))
            total += schedule.grant(upTo: .max, at: now)
            #expect(total == Int(now.nanoseconds / 10_000) + 1)
        }
        #expect(schedule.forfeited == 0)
    }

    @Test("No window ever sees more than rate and catch-up allow", arguments: [UInt64](1...60))
    func windows(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let rate = random.pick([0.001, 0.5, 9, 100, 12_345.6, 1e7])
        let catchUp = random.pick([0, 0.1, 1, 5])
        var schedule = AbsoluteSchedule(.constant(rate), start: at(0), catchUp: catchUp)
        var log = GrantLog()
        var now = at(0)
        for _ in 0..<300 {
            let scale = Double.random(in: 0...1, using: &random) < 0.1 ? 50.0 : 3
            now = now.advanced(bySeconds: Double.random(in: 0...scale, using: &random) / rate)
            log.add(schedule.grant(upTo: Int.random(in: 0...20, using: &random), at: now), at: now)
        }
        #expect(log.worstBurst(rate: rate) <= rate * catchUp + 2)
        let due = Int64(rate * now.seconds(since: at(0))) + 1
        #expect(Int64(log.total) <= due)
        let owed = due - Int64(log.total) - schedule.forfeited
        #expect((-1...Int64(max(1, rate * catchUp)) + 1).contains(owed))
    }

    @Test("A stall is made up for by the catch-up and no more")
    func stall() {
        var schedule = AbsoluteSchedule(.constant(100), start: at(0), catchUp: 0.5)
        #expect(schedule.grant(upTo: 1000, at: at(0)) == 1)
        #expect(schedule.grant(upTo: 1000, at: at(10)) == 50)
        #expect(schedule.forfeited == 950)
        #expect(schedule.grant(upTo: 1000, at: at(10)) == 0)
        #expect(schedule.grant(upTo: 1000, at: at(10.25)) == 25)
    }

    @Test("Unlimited gives what is asked, a paused or unowned schedule nothing")
    func extremes() {
        var unlimited = AbsoluteSchedule(.unlimited, start: at(0))
        #expect(unlimited.grant(upTo: .max, at: at(0)) == .max)
        #expect(unlimited.nextDue(at: at(0)) == 0)
        #expect(unlimited.grant(upTo: 0, at: at(0)) == 0)
        #expect(unlimited.grant(upTo: -5, at: at(0)) == 0)
        unlimited.setShare(owned: 0, of: 6, at: at(1))
        #expect(unlimited.grant(upTo: 5, at: at(2)) == 0)
        #expect(unlimited.nextDue(at: at(2)) == nil)
        var paused = AbsoluteSchedule(.constant(0), start: at(0))
        #expect(paused.grant(upTo: 5, at: at(1e6)) == 1)
        #expect(paused.grant(upTo: 5, at: at(1e9)) == 0)
        #expect(paused.nextDue(at: at(1e9)) == nil)
        var endless = AbsoluteSchedule(.constant(1e7), start: at(0))
        #expect(endless.grant(upTo: .max, at: MonotonicInstant(nanoseconds: .max)) == 10_000_000)
    }

    @Test("A new rate holds from its moment on and keeps the progress towards the next event")
    func rateChange() {
        var schedule = AbsoluteSchedule(.constant(0.001), start: at(0))
        #expect(schedule.grant(upTo: 9, at: at(0)) == 1)
        schedule.setProfile(.constant(100), at: at(900))
        #expect(schedule.rate(at: at(900)) == 100)
        #expect(schedule.nextDue(at: at(900)).map { abs($0 - 1_000_000) <= 1 } == true)
        #expect(schedule.grant(upTo: 999, at: at(900.5)) == 50)
        schedule.setProfile(.unlimited, at: at(901))
        #expect(schedule.grant(upTo: 5, at: at(901)) == 5)
        schedule.setProfile(.constant(10), at: at(902))
        #expect(schedule.grant(upTo: 99, at: at(902)) == 1)
        #expect(schedule.nextDue(at: at(902)) == 100_000_000)
    }

    @Test("A burst saved up at a high rate is not spent at a low one")
    func noCarriedBurst() {
        var schedule = AbsoluteSchedule(.constant(1000), start: at(0))
        schedule.setProfile(.constant(1), at: at(10))
        #expect(schedule.grant(upTo: 5000, at: at(10)) == 1)
    }

    @Test("Copies that share partitions never exceed the rate together", arguments: [UInt64](1...20))
    func shares(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let rate = 100.0
        var copies = (0..<3).map { _ in AbsoluteSchedule(.constant(rate), start: at(0), catchUp: 0.5, share: 0) }
        var log = GrantLog()
        var now = at(0)
        for step in 0..<400 {
            if step % 40 == 0 {
                let first = Int.random(in: 0...6, using: &random)
                let second = Int.random(in: 0...(6 - first), using: &random)
                for (index, owned) in [first, second, 6 - first - second].enumerated() {
                    copies[index].setShare(owned: owned, of: 6, at: now)
                }
            }
            now = now.advanced(by: Int64.random(in: 1...50_000_000, using: &random))
            let copy = Int.random(in: 0..<3, using: &random)
            log.add(copies[copy].grant(upTo: 1000, at: now), at: now)
        }
        // Together they may save up one catch-up, and each of them one event and one by rounding.
        #expect(log.worstBurst(rate: rate) <= rate * 0.5 + 3 * 2)
        #expect(Double(log.total) <= rate * now.seconds(since: at(0)) + 3)
        #expect(Double(log.total) >= rate * now.seconds(since: at(0)) * 0.9)
    }

    @Test("A share of no partitions at all is nothing")
    func noPartitions() {
        var schedule = AbsoluteSchedule(.constant(10), start: at(0))
        #expect(schedule.grant(upTo: 5, at: at(0)) == 1)
        schedule.setShare(owned: 0, of: 0, at: at(1))
        #expect(schedule.rate(at: at(1)) == 0)
        schedule.setShare(owned: 9, of: 3, at: at(1))
        #expect(schedule.rate(at: at(1)) == 10)
        schedule.setShare(owned: -1, of: 3, at: at(1))
        #expect(schedule.rate(at: at(1)) == 0)
    }
}
