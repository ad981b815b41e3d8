import Lifecycle
import TestSupport
import Testing

@Suite("Stop flag", .timeLimit(.minutes(1)))
struct StopFlagTests {
    @Test("The first reason is kept")
    func firstReason() {
        let flag = StopFlag()
        #expect(!flag.isSet)
        flag.set(.interrupt)
        flag.set(.terminate)
        #expect(flag.signal == .interrupt)
        #expect(flag.signal?.exitCode == 130)
        #expect(StopSignal.terminate.exitCode == 143)
    }

    @Test("Every waiter wakes, early or late")
    func waiters() async {
        let flag = StopFlag()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { await flag.wait() } }
            group.addTask { flag.set(.terminate) }
        }
        await flag.wait()
        #expect(flag.isSet)
    }

    @Test("A cancelled waiter returns though the flag is not set")
    func cancelled() async {
        let flag = StopFlag()
        let task = Task { await flag.wait() }
        task.cancel()
        await task.value
        #expect(!flag.isSet)
    }
}

@Suite("Monotonic clock")
struct MonotonicClockTests {
    @Test("It never goes back")
    func forward() {
        let first = MonotonicInstant.now()
        let second = MonotonicClock.system.now()
        #expect(first <= second)
        #expect(first.nanoseconds > 0)
    }

    @Test("Arithmetic stops at the ends of the range")
    func ends() {
        let last = MonotonicInstant(nanoseconds: .max)
        let first = MonotonicInstant(nanoseconds: .min)
        #expect(last.advanced(by: 1) == last)
        #expect(first.advanced(by: -1) == first)
        let zero = MonotonicInstant(nanoseconds: 0)
        #expect(zero.advanced(bySeconds: .infinity) == last)
        #expect(zero.advanced(bySeconds: -.infinity) == first)
        #expect(last.advanced(bySeconds: 1e300) == last)
        #expect(last.advanced(bySeconds: .nan) == last)
        #expect(last.nanoseconds(since: first) == .max)
        #expect(first.nanoseconds(since: last) == .min)
        #expect(MonotonicInstant(nanoseconds: 0).advanced(bySeconds: 1.5).nanoseconds == 1_500_000_000)
        #expect(MonotonicInstant(nanoseconds: 2_500_000_000).seconds(since: .init(nanoseconds: 0)) == 2.5)
    }
}
