package import Lifecycle

/// A fixed number of connections that are kept up, for a server's event loop: it says what each waits for, and connects
/// anew, with growing pauses, where one was lost. Not Sendable: one thread has it.
package final class PostgresPool {
    /// One place of the pool.
    package struct Member {
        /// The place, 0 ..< size.
        package let index: Int
        /// The connection; nil while it waits to be tried again.
        package let connection: PostgresConnection?
    }

    private struct Slot {
        var connection: PostgresConnection?
        var isUp = false
        var isLent = false
        var backoff = Backoff()
        var nextAttempt: MonotonicInstant
        /// When an attempt that is under way is given up.
        var connectBy = MonotonicInstant(nanoseconds: .max)
    }

    private let configuration: PostgresConfiguration
    /// Nanoseconds that an attempt may take, sign-in included.
    private let connectPatience: Int64
    private var slots: [Slot]
    /// Why the last attempt to connect failed; nil once one has succeeded after it.
    package private(set) var lastError: PostgresError?

    /// A pool of `size` connections (1 to 64), which are made by the first ``advance(at:)``. An attempt that has not come to
    /// a session within `connectTimeout` nanoseconds is given up: a server may take connections and never say a word.
    package init(
        _ configuration: PostgresConfiguration, size: Int, connectTimeout: Int64 = 10_000_000_000,
        at now: MonotonicInstant
    ) {
        self.configuration = configuration
        connectPatience = connectTimeout
        slots = (0..<min(64, max(1, size))).map { _ in Slot(nextAttempt: now) }
    }

    /// The places, with the connections to wait on.
    package var members: [Member] {
        slots.indices.map { Member(index: $0, connection: slots[$0].connection) }
    }

    /// How many connections are up.
    package var upCount: Int { slots.count { $0.isUp } }

    /// Begins the attempts that are due, and takes note of connections that came up or went. Returns when to call
    /// again at the latest; call it as well whenever a connection that is not lent was advanced.
    package func advance(at now: MonotonicInstant) -> MonotonicInstant? {
        var next: MonotonicInstant?
        for index in slots.indices {
            if let connection = slots[index].connection, !slots[index].isLent { note(connection, index, now) }
            if slots[index].connection != nil, !slots[index].isUp {
                guard slots[index].connectBy <= now else {
                    next = min(next ?? .init(nanoseconds: .max), slots[index].connectBy)
                    continue
                }
                // Not closed here: whoever waits on its descriptor still holds it, and lets it go after the waiting.
                let seconds = connectPatience / 1_000_000_000
                drop(index, now, PostgresError(.timedOut, "PostgreSQL did not begin a session within \(seconds) s"))
            }
            guard slots[index].connection == nil else { continue }
            if slots[index].nextAttempt <= now { begin(index, now) }
            let due = slots[index].connection == nil ? slots[index].nextAttempt : slots[index].connectBy
            if !slots[index].isUp { next = min(next ?? .init(nanoseconds: .max), due) }
        }
        return next
    }

    /// Lends a connection that is up and idle; nil when there is none now. Give it back with ``giveBack(_:at:)``.
    package func lend() -> Member? {
        guard let index = slots.firstIndex(where: { $0.isUp && !$0.isLent }) else { return nil }
        slots[index].isLent = true
        return Member(index: index, connection: slots[index].connection)
    }

    /// Takes a connection back. Its events must have been taken; one that is over is replaced.
    package func giveBack(_ index: Int, at now: MonotonicInstant) {
        slots[index].isLent = false
        if slots[index].connection?.descriptor ?? -1 < 0 { drop(index, now, nil) }
    }

    /// Ends all connections.
    package func close() {
        for index in slots.indices {
            slots[index].connection?.close()
            slots[index] = Slot(nextAttempt: .init(nanoseconds: .max))
        }
    }

    private func begin(_ index: Int, _ now: MonotonicInstant) {
        do throws(PostgresError) {
            let connection = try PostgresConnection(configuration)
            slots[index].connection = connection
            slots[index].connectBy = now.advanced(by: connectPatience)
            note(connection, index, now)
        } catch {
            drop(index, now, error)
        }
    }

    private func note(_ connection: PostgresConnection, _ index: Int, _ now: MonotonicInstant) {
        while let event = connection.take() {
            switch event {
            case .connected:
                slots[index].isUp = true
                slots[index].backoff.succeeded()
                lastError = nil
            case .closed(let error): drop(index, now, error)
            default: break
            }
        }
    }

    private func drop(_ index: Int, _ now: MonotonicInstant, _ error: PostgresError?) {
        slots[index].connection = nil
        slots[index].isUp = false
        slots[index].nextAttempt = now.advanced(by: slots[index].backoff.failed())
        if let error { lastError = error }
    }
}
