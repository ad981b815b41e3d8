import Lifecycle
import Pacing
import Testing

@Suite("Ramp")
struct RampTests {
    @Test("The ramp's events are the area under it")
    func area() {
        var schedule = AbsoluteSchedule(.ramp(from: 10, to: 110, seconds: 10), start: at(0))
        var total = 0
        for step in 0...2000 { total += schedule.grant(upTo: .max, at: at(Double(step) / 100)) }
        // 10 s at a mean of 60, then 10 s at 110, and the event at the start.
        #expect(total == 600 + 1100 + 1)
        #expect(schedule.rate(at: at(5)) == 60)
        #expect(schedule.rate(at: at(15)) == 110)
        #expect(schedule.forfeited == 0)
    }

    @Test("A ramp down to nothing ends, one up from nothing begins")
    func fromAndToNothing() {
        var down = AbsoluteSchedule(.ramp(from: 10, to: 0, seconds: 2), start: at(0))
        var total = 0
        for step in 0...400 { total += down.grant(upTo: .max, at: at(Double(step) / 100)) }
        #expect((10...11).contains(total))
        #expect(down.grant(upTo: .max, at: at(1000)) <= 1)
        #expect(down.nextDue(at: at(1001)) == nil)
        var up = AbsoluteSchedule(.ramp(from: 0, to: 10, seconds: 2), start: at(0))
        #expect(up.grant(upTo: 5, at: at(0)) == 1)
        // The next one when t²·10/4 reaches 1.
        #expect(up.nextDue(at: at(0)).map { abs(Double($0) / 1e9 - 0.4.squareRoot()) < 1e-8 } == true)
    }

    @Test("No window exceeds the ramp's highest rate, with waits as told", arguments: [UInt64](1...20))
    func windows(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let (from, to) = (Double.random(in: 0...200, using: &random), Double.random(in: 1...200, using: &random))
        var schedule = AbsoluteSchedule(.ramp(from: from, to: to, seconds: 3), start: at(0), catchUp: 0)
        var log = GrantLog()
        var now = at(0)
        for _ in 0..<300 {
            log.add(schedule.grant(upTo: 3, at: now), at: now)
            now = now.advanced(by: schedule.nextDue(at: now) ?? 0)
            #expect(schedule.nextDue(at: now) == 0)
            if Int.random(in: 0..<10, using: &random) == 0 {
                now = now.advanced(by: Int64.random(in: 0...200_000_000, using: &random))
            }
        }
        #expect(log.worstBurst(rate: max(from, to)) <= 2)
    }
}

@Suite("Rate text")
struct RateTextTests {
    @Test("What can be meant is read")
    func good() throws {
        #expect(try RateProfile(parsing: "100") == .constant(100))
        #expect(try RateProfile(parsing: "0.001") == .constant(0.001))
        #expect(try RateProfile(parsing: "10000000") == .constant(1e7))
        #expect(try RateProfile(parsing: "max") == .unlimited)
        #expect(try RateProfile(parsing: "10:100:60") == .ramp(from: 10, to: 100, seconds: 60))
        #expect(try RateProfile(parsing: "0:100:90s") == .ramp(from: 0, to: 100, seconds: 90))
        #expect(try RateProfile(parsing: "100:0:1.5m") == .ramp(from: 100, to: 0, seconds: 90))
        #expect(try RateProfile(parsing: "1:2:1h") == .ramp(from: 1, to: 2, seconds: 3600))
    }

    @Test(
        "Everything else is refused with what would be right",
        arguments: [
            "", " ", "0", "-1", "+1", "1e3", "0x10", "nan", "inf", "Max", "fast", "1,5", "10000001", "0.0001", ".",
            "1.2.3", ":", "::", "1:2", "1:2:", "1:2:0", "1:2:-5", "1:2:5d", "0:0:5", "1:2:3:4", "max:1:2", "1:2:169h",
            "١٠٠", "100 ", "999999999999999999999999", "1:2:999999999999999999",
        ])
    func bad(text: String) {
        #expect(throws: PacingError.self) { try RateProfile(parsing: text) }
    }

    @Test("A hostile length is cut in the message")
    func long() {
        let error = #expect(throws: PacingError.self) {
            try RateProfile(parsing: String(repeating: "9", count: 100_000))
        }
        #expect((error?.description.count ?? .max) < 200)
    }
}
