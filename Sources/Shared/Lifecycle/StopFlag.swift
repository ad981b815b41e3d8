import Synchronization

/// A reason to stop that came from outside.
package enum StopSignal: Int32, Sendable, CaseIterable {
    /// SIGHUP
    case hangup = 1
    /// SIGINT
    case interrupt = 2
    /// SIGTERM
    case terminate = 15

    /// The exit code that says so: 128 plus the signal's number, for a lost terminal that of SIGTERM.
    package var exitCode: Int32 { 128 + (self == .hangup ? Self.terminate : self).rawValue }
}

/// Whether the process was asked to stop: one atomic load, so the hottest loop can look at it for every record.
///
/// It is set once and stays set. Any thread may read it, set it or wait for it.
package final class StopFlag: Sendable {
    private let value = Atomic<Int32>(0)
    private let waiters = Mutex<[Int: CheckedContinuation<Void, Never>]>([:])
    private let nextWaiter = Atomic<Int>(0)

    /// A flag that is not set.
    package init() {}

    /// Whether a stop was asked for.
    package var isSet: Bool { value.load(ordering: .acquiring) != 0 }

    /// The first signal that asked for the stop.
    package var signal: StopSignal? { StopSignal(rawValue: value.load(ordering: .acquiring)) }

    /// Asks for a stop, as `signal` does. The first reason is kept.
    package func set(_ signal: StopSignal) {
        setFromHandler(signal.rawValue)
        wakeWaiters()
    }

    /// Suspends until the flag is set or the task is cancelled.
    package func wait() async {
        let id = nextWaiter.wrappingAdd(1, ordering: .relaxed).newValue
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiters.withLock { $0[id] = continuation }
                // Whoever sets the flag or cancels either sees the entry or was seen here.
                if isSet { wakeWaiters() }
                if Task.isCancelled { wake(id) }
            }
        } onCancel: {
            wake(id)
        }
    }

    /// The part of setting that a signal handler may do: no lock, no allocation. False if it was set already.
    @discardableResult
    func setFromHandler(_ number: Int32) -> Bool {
        value.compareExchange(expected: 0, desired: number, ordering: .acquiringAndReleasing).exchanged
    }

    func wakeWaiters() {
        let all = waiters.withLock { waiters in
            defer { waiters = [:] }
            return waiters
        }
        for waiter in all.values { waiter.resume() }
    }

    private func wake(_ id: Int) {
        waiters.withLock { $0.removeValue(forKey: id) }?.resume()
    }
}
