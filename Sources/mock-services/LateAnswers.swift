import EventLoop
import Lifecycle

/// Answers that wait for their time, on the loop.
final class LateAnswers {
    private let loop: EventLoop
    private var wheel: TimerWheel?
    private var waiting: [UInt64: () -> Void] = [:]
    private var lastToken: UInt64 = 0

    init(_ loop: EventLoop) throws(EventLoopError) {
        self.loop = loop
        wheel = try TimerWheel(loop) { [unowned self] token in waiting.removeValue(forKey: token)?() }
    }

    /// Has `answer` called so many milliseconds from now; at once if that is 0. An answer whose client has gone does nothing.
    func give(afterMilliseconds delay: Int, _ answer: @escaping () -> Void) {
        guard delay > 0, let wheel else { return answer() }
        lastToken += 1
        waiting[lastToken] = answer
        _ = wheel.insert(at: loop.now.advanced(bySeconds: Double(delay) / 1_000), token: lastToken)
    }
}
