@preconcurrency import Dispatch

/// Calls a closure at intervals, on a thread of its own, until stopped.
package final class Ticker: Sendable {
    private let timer: any DispatchSourceTimer

    /// The first call comes at once.
    package init(milliseconds: Int, _ body: @escaping @Sendable () -> Void) {
        timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "ticker"))
        timer.schedule(deadline: .now(), repeating: .milliseconds(milliseconds))
        timer.setEventHandler(handler: body)
        timer.resume()
    }

    /// No call begins after this.
    package func stop() { timer.cancel() }
}
