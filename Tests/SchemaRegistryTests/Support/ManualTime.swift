import Lifecycle
import SchemaRegistry
import Synchronization

/// Time that passes only in sleeps, which take no time, and by hand; it keeps how long each sleep was.
final class ManualTime: Sendable {
    private struct State {
        var now: Int64 = 1_000_000_000
        var sleeps: [Duration] = []
    }

    private let state = Mutex(State())

    var sleeps: [Duration] { state.withLock { $0.sleeps } }

    func advance(seconds: Int64) { state.withLock { $0.now += seconds * 1_000_000_000 } }

    /// For the client; without jitter.
    var time: RegistryTime {
        RegistryTime(
            clock: MonotonicClock { [self] in MonotonicInstant(nanoseconds: state.withLock { $0.now }) },
            sleep: { [self] duration in
                try Task.checkCancellation()
                state.withLock {
                    $0.sleeps.append(duration)
                    let (seconds, attoseconds) = duration.components
                    $0.now += seconds * 1_000_000_000 + attoseconds / 1_000_000_000
                }
            }, random: { 1 })
    }
}
