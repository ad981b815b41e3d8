import EventLoop
import Glibc

/// Notices that the process that started this one has ended.
final class ParentWatch {
    private static let interval: Int64 = 250_000_000

    private let parent = getppid()
    private var timer: LoopTimer?

    init(_ loop: EventLoop, _ gone: @escaping () -> Void) throws(EventLoopError) {
        timer = try LoopTimer(loop) { [unowned self] in
            if getppid() != parent { gone() } else { timer?.start(afterNanoseconds: Self.interval) }
        }
        timer?.start(afterNanoseconds: Self.interval)
    }
}
