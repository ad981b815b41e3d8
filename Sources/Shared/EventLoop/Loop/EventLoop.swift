import CLibEvent
import Glibc
package import Lifecycle

/// libevent's loop: everything that a single-threaded server does happens in callbacks of one of these.
///
/// The loop, and every timer, watch and stream on it, belongs to the thread that runs it; nothing here is Sendable except
/// ``LoopInbox``, through which other threads reach it. Timers have a resolution of milliseconds.
package final class EventLoop {
    /// The one owner of libevent's base; it outlives every event, since each holds the loop.
    let base: OpaquePointer
    /// Read buffer of every stream, free between callbacks.
    let scratch: UnsafeMutableRawBufferPointer
    private var isStopping = false
    private var requested: [TurnHook] = []
    private var running: [TurnHook] = []
    private var turnEvent: OpaquePointer?

    /// A loop with nothing on it. SIGPIPE is ignored for the whole process from here on, since a peer may hang up at any time.
    package init() throws(EventLoopError) {
        signal(SIGPIPE, SIG_IGN)
        guard let base = event_base_new() else { throw EventLoopError("libevent has no event loop to offer") }
        self.base = base
        scratch = .allocate(byteCount: 64 << 10, alignment: 16)
        turnEvent = event_new(
            base, -1, 0,
            { _, _, context in
                guard let context else { return }
                Unmanaged<EventLoop>.fromOpaque(context).takeUnretainedValue().endTurn()
            }, Unmanaged.passUnretained(self).toOpaque())
        guard turnEvent != nil else { throw EventLoopError("libevent cannot make an event") }
    }

    deinit {
        if let turnEvent { event_free(turnEvent) }
        event_base_free(base)
        scratch.deallocate()
    }

    /// Serves until ``stop()``, on the calling thread. May be called again afterwards.
    package func run() {
        while !isStopping {
            // -1 is a failure of the kernel's polling, which no retry mends.
            if event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY) < 0 { break }
        }
        isStopping = false
    }

    /// Makes ``run()`` return once the present callback has.
    package func stop() {
        isStopping = true
        event_base_loopbreak(base)
    }

    /// CLOCK_MONOTONIC, read afresh.
    package var now: MonotonicInstant { .now() }

    func request(_ hook: TurnHook) {
        if requested.isEmpty, let turnEvent { event_active(turnEvent, Int32(EV_TIMEOUT), 0) }
        requested.append(hook)
    }

    /// Runs the hooks that were asked for. libevent queues the turn's event behind every event that was ready when it
    /// was asked for, so a hook sees all that one poll of the kernel brought.
    private func endTurn() {
        swap(&requested, &running)
        for hook in running { hook.fire() }
        running.removeAll(keepingCapacity: true)
    }
}
