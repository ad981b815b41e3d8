import CLibEvent
import Glibc

/// libevent's loop, the one owner of its base. It and everything on it stay on the thread that runs it.
final class EventLoop {
    let base: OpaquePointer
    private var events: [OpaquePointer] = []
    private var polls: [() -> Bool] = []
    private var signal: Int32?

    init() throws(MockServicesError) {
        guard let base = event_base_new() else { throw MockServicesError("libevent has no event loop to offer") }
        self.base = base
    }

    deinit {
        for event in events { event_free(event) }
        event_base_free(base)
    }

    /// Runs until a signal came or a poll answered true; the signal's number in the first case.
    func run() -> Int32? {
        event_base_dispatch(base)
        return signal
    }

    /// Ends the loop when one of these signals comes.
    func onSignals(_ numbers: [Int32]) throws(MockServicesError) {
        for number in numbers {
            try add(number, EV_SIGNAL | EV_PERSIST, after: nil) { number, _, context in
                guard let context else { return }
                let loop = Unmanaged<EventLoop>.fromOpaque(context).takeUnretainedValue()
                loop.signal = Int32(number)
                event_base_loopbreak(loop.base)
            }
        }
    }

    /// Asks `isOver` again and again, and ends the loop when it is.
    func every(milliseconds: Int, _ isOver: @escaping () -> Bool) throws(MockServicesError) {
        polls.append(isOver)
        try add(-1, EV_PERSIST, after: timeval(milliseconds: milliseconds)) { _, _, context in
            guard let context else { return }
            let loop = Unmanaged<EventLoop>.fromOpaque(context).takeUnretainedValue()
            if loop.polls.contains(where: { $0() }) { event_base_loopbreak(loop.base) }
        }
    }

    private func add(
        _ descriptor: Int32, _ what: Int32, after time: timeval?, _ callback: event_callback_fn
    ) throws(MockServicesError) {
        // The loop outlives its events, so they may point to it without owning it.
        let context = Unmanaged.passUnretained(self).toOpaque()
        guard let event = event_new(base, descriptor, Int16(what), callback, context) else {
            throw MockServicesError("libevent cannot watch for signals or time")
        }
        events.append(event)
        let code: Int32
        if var time { code = event_add(event, &time) } else { code = event_add(event, nil) }
        guard code == 0 else { throw MockServicesError("libevent cannot watch for signals or time") }
    }
}

extension timeval {
    init(milliseconds: Int) {
        self.init(tv_sec: milliseconds / 1_000, tv_usec: milliseconds % 1_000 * 1_000)
    }
}
