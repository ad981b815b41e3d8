import Testing

@testable import CommandLine

@Suite struct ProgressMeterTests {
    @Test func theRateIsThatOfTheLastSeconds() throws {
        var meter = ProgressMeter(at: .seconds(100), total: 10_000)
        #expect(meter.rate(at: .seconds(100)) == nil)
        #expect(meter.remaining(at: .seconds(100)) == nil)
        // Ten seconds at 100/s, then ten at 500/s: only the last count.
        var done = 0
        for tenth in 1...200 {
            done += tenth <= 100 ? 10 : 50
            meter.update(at: .seconds(100) + .milliseconds(tenth * 100), done: done, total: 10_000)
        }
        let rate = try #require(meter.rate(at: .seconds(120)))
        #expect((490...510).contains(rate))
        #expect(meter.remaining(at: .seconds(120)).map { (.seconds(7)...(.seconds(9))).contains($0) } == true)
        #expect(meter.elapsed(at: .seconds(120)) == .seconds(20))
    }

    @Test func aStallLetsTheRateFall() throws {
        var meter = ProgressMeter(at: .zero, total: 1_000)
        for second in 1...10 { meter.update(at: .seconds(second), done: second * 10, total: 1_000) }
        for second in 11...30 { meter.update(at: .seconds(second), done: 100, total: 1_000) }
        #expect(meter.rate(at: .seconds(30)) == 0)
        #expect(meter.remaining(at: .seconds(30)) == nil)
    }

    @Test func countsMayGoBackOrPassTheTotal() {
        var meter = ProgressMeter(at: .zero, done: 50, total: 100)
        meter.update(at: .seconds(1), done: 20, total: 100)
        #expect(meter.remaining(at: .seconds(1)) == nil)
        meter.update(at: .seconds(2), done: 200, total: 100)
        #expect(meter.remaining(at: .seconds(2)) == .zero)
        meter.update(at: .seconds(3), done: 300, total: nil)
        #expect(meter.remaining(at: .seconds(3)) == nil)
    }
}
