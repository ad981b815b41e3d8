import Lifecycle

/// A server that a client knows: its connection, if there is one, and what waits for it.
///
/// Not Sendable: it belongs to a ``RedisClient``.
final class RedisNode {
    let address: RedisAddress
    /// Its name towards the poller.
    let token: UInt64
    var connection: RedisConnection?
    /// Commands to be sent once the connection is up.
    var waiting = Fifo<Pending>()
    /// Why there is no connection.
    var lastError: RedisError?
    private var backoff: Backoff
    /// Not to be connected again before this instant.
    private(set) var nextAttempt: MonotonicInstant
    private var watched: (generation: Int, interest: DescriptorInterest)?

    init(_ address: RedisAddress, token: UInt64, _ configuration: RedisConfiguration, at now: MonotonicInstant) {
        self.address = address
        self.token = token
        backoff = Backoff(
            firstMilliseconds: configuration.firstPause, longestMilliseconds: configuration.longestPause)
        nextAttempt = now
    }

    var isReady: Bool { connection?.isReady ?? false }

    /// Begins to connect, unless that is under way or it is too early after a failure.
    func connect(_ configuration: RedisConfiguration, at now: MonotonicInstant) {
        guard connection == nil, now >= nextAttempt else { return }
        watched = nil
        do throws(RedisError) {
            connection = try RedisConnection(address, configuration, at: now)
        } catch {
            failed(error, at: now)
        }
    }

    func succeeded() {
        backoff.succeeded()
        lastError = nil
    }

    func failed(_ error: RedisError, at now: MonotonicInstant) {
        connection = nil
        lastError = error
        nextAttempt = now.advanced(by: backoff.failed())
    }

    /// Tells the poller what the connection waits for, if that has changed.
    func watch(_ poller: Poller) {
        guard let connection, connection.descriptor >= 0 else { return }
        let (generation, interest) = (connection.generation, connection.interest)
        if let watched, watched.generation == generation, watched.interest == interest { return }
        watched = (generation, interest)
        poller.watch(connection.descriptor, interest, token: token)
    }

    /// When something is to be done about it although nothing came.
    var wake: MonotonicInstant? {
        if let connection { return connection.deadline }
        return waiting.isEmpty ? nil : nextAttempt
    }
}
