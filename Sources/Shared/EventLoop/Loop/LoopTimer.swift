import CLibEvent
import Glibc

/// A timer on the loop, the one owner of its event. It stops when it is released.
package final class LoopTimer {
    private let loop: EventLoop
    private let action: () -> Void
    private var event: OpaquePointer?

    /// A timer that is not running. `action` runs on the loop's thread and should hold its owner weakly or unowned.
    package init(_ loop: EventLoop, _ action: @escaping () -> Void) throws(EventLoopError) {
        self.loop = loop
        self.action = action
        event = event_new(
            loop.base, -1, 0,
            { _, _, context in
                guard let context else { return }
                Unmanaged<LoopTimer>.fromOpaque(context).takeUnretainedValue().action()
            }, Unmanaged.passUnretained(self).toOpaque())
        guard event != nil else { throw EventLoopError("libevent cannot make a timer") }
    }

    deinit {
        if let event { event_free(event) }
    }

    /// Has the action run once after that many nanoseconds (negative counts as 0), instead of when it was due before.
    package func start(afterNanoseconds nanoseconds: Int64) {
        guard let event else { return }
        // Rounded up: a timer that is early would only be started again. A year stands for anything longer.
        let micros = min(max(0, nanoseconds), 365 * 86_400 * 1_000_000_000 as Int64) / 1_000 + 1
        var time = timeval(tv_sec: Int(micros / 1_000_000), tv_usec: Int(micros % 1_000_000))
        event_add(event, &time)
    }

    /// The action does not run any more, until the next start.
    package func cancel() {
        if let event { event_del(event) }
    }
}
