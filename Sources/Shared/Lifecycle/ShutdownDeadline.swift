import Glibc

/// Ends a process whose orderly stop takes too long: a C library that blocks in its close cannot be interrupted.
package final class ShutdownDeadline: Sendable {
    private let cancelled = Semaphore()

    /// How long the last callback may take before the process ends regardless, in seconds.
    package static let graceForLastWords = 1.0

    private init() {}

    /// Starts the clock. Unless ``cancel()`` comes within `seconds`, `lastWords` runs on a thread of its own (to say
    /// what was left undone; at most ``graceForLastWords``), and the process ends by `_exit(exitCode)`.
    package static func arm(
        seconds: Double, exitCode: Int32, lastWords: @escaping @Sendable () -> Void = {}
    ) -> ShutdownDeadline {
        let deadline = ShutdownDeadline()
        let end = MonotonicInstant.now().advanced(bySeconds: max(0, seconds))
        NamedThread.start("deadline") {
            if deadline.cancelled.wait(until: end) { return }
            let spoken = Semaphore()
            NamedThread.start("last words") {
                lastWords()
                spoken.post()
            }
            _ = spoken.wait(until: .now().advanced(bySeconds: graceForLastWords))
            _exit(exitCode)
        }
        return deadline
    }

    /// The stop was orderly: the process may live on. Has no effect once the time has run out.
    package func cancel() { cancelled.post() }
}
