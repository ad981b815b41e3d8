import CLibEvent
import Glibc

/// Turns a signal into a callback on the loop, as long as it lives. One loop a process may watch signals.
package final class SignalWatch {
    private let loop: EventLoop
    private let action: () -> Void
    private var event: OpaquePointer?

    /// Calls `action` on the loop's thread each time that signal `number` came (several at once may count as one).
    package init(_ loop: EventLoop, signal number: Int32, _ action: @escaping () -> Void) throws(EventLoopError) {
        self.loop = loop
        self.action = action
        event = event_new(
            loop.base, number, Int16(EV_SIGNAL | EV_PERSIST),
            { _, _, context in
                guard let context else { return }
                Unmanaged<SignalWatch>.fromOpaque(context).takeUnretainedValue().action()
            }, Unmanaged.passUnretained(self).toOpaque())
        guard let event, event_add(event, nil) == 0 else {
            throw EventLoopError("libevent cannot watch for signal \(number)")
        }
        // A thread that was started by one of the runtime's workers has inherited their mask, which blocks every signal.
        var mask = sigset_t()
        sigemptyset(&mask)
        sigaddset(&mask, number)
        pthread_sigmask(SIG_UNBLOCK, &mask, nil)
    }

    deinit {
        if let event { event_free(event) }
    }
}
