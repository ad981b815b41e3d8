import Lifecycle
import Synchronization

/// A stop that holds for a server that does not answer, and not for one that does: what it was asked is finished.
final class StopGrace: Sendable {
    private static let nanoseconds: Int64 = 3_000_000_000

    private let stop: StopFlag
    /// When the stop was first met.
    private let met = Mutex<MonotonicInstant?>(nil)

    init(_ stop: StopFlag) { self.stop = stop }

    /// Whether the stop was met three seconds ago.
    var isOver: Bool {
        guard stop.isSet else { return false }
        let now = MonotonicInstant.now()
        let since = met.withLock { met in
            met = met ?? now
            return met ?? now
        }
        return now.nanoseconds(since: since) >= Self.nanoseconds
    }
}
