/// An action that runs once at the end of a turn of the loop, however often it was asked for in it.
///
/// This is what gathers: whatever became ready in one turn asks for the same hook, which then sends it all in one write or
/// one round trip.
package final class TurnHook {
    private let loop: EventLoop
    private let action: () -> Void
    private var isRequested = false

    /// A hook that calls `action` on the loop's thread. `action` should hold its owner weakly or unowned.
    package init(_ loop: EventLoop, _ action: @escaping () -> Void) {
        self.loop = loop
        self.action = action
    }

    /// Has the action run after all events that are ready now. What an action asks for runs in the same way, later.
    package func request() {
        if isRequested { return }
        isRequested = true
        loop.request(self)
    }

    /// The action does not run, unless it is asked for again: for owners that end while it is asked for.
    package func cancel() { isRequested = false }

    func fire() {
        guard isRequested else { return }
        isRequested = false
        action()
    }
}
