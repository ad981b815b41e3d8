import EventLoop
import Lifecycle
import LoopTestSupport
import Testing

@Suite struct TimerWheelTests {
    private final class Stage {
        let loop: EventLoop
        var wheel: TimerWheel?
        var due: [UInt64: MonotonicInstant] = [:]
        var early = 0
        var whenEmpty: (() -> Void)?
        init(_ loop: EventLoop) throws {
            self.loop = loop
            wheel = try TimerWheel(loop) { [unowned self] token in
                guard let deadline = due.removeValue(forKey: token) else { return early += 1_000 }
                if loop.now < deadline { early += 1 }
                if due.isEmpty { whenEmpty?() }
            }
        }
    }

    @Test func everyDeadlineIsMetOnceAndNoneEarlyOrAfterItsRemoval() async throws {
        let loop = try await LoopThread { loop in try Stage(loop) }
        let early: Int = try await loop.wait { stage, done in
            var random = SystemRandomNumberGenerator()
            let now = stage.loop.now
            for token in UInt64(0)..<2_000 {
                // Some are past already.
                let deadline = now.advanced(by: Int64.random(in: -10_000_000...120_000_000, using: &random))
                guard let entry = stage.wheel?.insert(at: deadline, token: token) else { continue }
                if token % 3 == 0 { stage.wheel?.remove(entry) } else { stage.due[token] = deadline }
            }
            stage.whenEmpty = { done(stage.early) }
        }
        #expect(early == 0)
        #expect(try await loop.run { $0.wheel?.count } == 0)
    }

    @Test func deadlinesBeyondATurnOfTheWheelWait() async throws {
        let loop = try await LoopThread { loop in try Stage(loop) }
        let early: Int = try await loop.wait { stage, done in
            let now = stage.loop.now
            // Slots are shared with entries of later turns, which must stay where they are.
            for (token, delay) in [(UInt64(1), Int64(20_000_000)), (2, 20_000_000 + 1_024 << 22)] {
                stage.due[token] = now.advanced(by: delay)
                _ = stage.wheel?.insert(at: now.advanced(by: delay), token: token)
            }
            stage.due[2] = nil
            stage.whenEmpty = { done(stage.early) }
        }
        #expect(early == 0)
        #expect(try await loop.run { $0.wheel?.count } == 1)
    }

    @Test func aDeadlineMayBeSetWhileOneIsMet() async throws {
        let loop = try await LoopThread { loop in loop }
        let count: Int = try await loop.wait { loop, done in
            let keep = Keep()
            var count = 0
            var wheel: TimerWheel?
            wheel = try? TimerWheel(loop) { _ in
                count += 1
                if count == 5 {
                    keep.objects = []
                    done(count)
                } else {
                    _ = wheel?.insert(at: loop.now, token: 0)
                }
            }
            if let wheel { keep.objects = [wheel] }
            _ = wheel?.insert(at: loop.now, token: 0)
        }
        #expect(count == 5)
    }
}
