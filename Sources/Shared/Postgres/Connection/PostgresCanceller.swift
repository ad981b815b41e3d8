import CLibPQ
import Lifecycle
import Synchronization

/// Asks the server to cancel what a connection has under way. Any thread may use it.
///
/// libpq's PQcancel opens a connection of its own and blocks until the server has taken the request, for as long as the
/// network pleases; so it runs on a thread of its own, and whoever waits has a deadline.
package final class PostgresCanceller: Sendable {
    // PQcancel is documented as callable from any thread, the object is never changed, and `deinit` is the last use.
    private nonisolated(unsafe) let raw: OpaquePointer
    private let running = Atomic(false)

    init?(_ connection: OpaquePointer) {
        guard let raw = PQgetCancel(connection) else { return nil }
        self.raw = raw
    }

    deinit { PQfreeCancel(raw) }

    /// Whether a request is on its way. Until it has arrived nothing else should be asked of the connection: it could
    /// be cancelled in its place.
    package var isRunning: Bool { running.load(ordering: .acquiring) }

    /// Sends the request, unless one is on its way; returns at once. Whether it has come in time shows in the answer to
    /// what was under way.
    package func cancel() {
        guard running.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged else {
            return
        }
        NamedThread.start("pg-cancel") {
            var reason = [CChar](repeating: 0, count: 256)
            _ = PQcancel(self.raw, &reason, Int32(reason.count))
            self.running.store(false, ordering: .releasing)
        }
    }
}
