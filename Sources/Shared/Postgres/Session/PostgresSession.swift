import Lifecycle

/// A connection driven with poll(2), for a program that has a thread to block: calls return when the answer is there.
///
/// Not Sendable: it lives on one blocking executor. After an error for which `endsConnection` holds every call fails;
/// make a new session.
package final class PostgresSession {
    /// How a session waits.
    package struct Patience: Sendable {
        /// How long one statement or group may take before it is cancelled.
        package var answer: Duration
        /// How long a cancelled statement may take to end before the connection is given up.
        package var cancellation: Duration
        /// Asked ten times a second; true cancels what is under way.
        package var isStopped: @Sendable () -> Bool

        /// Waits of these lengths.
        package init(
            answer: Duration = .seconds(60), cancellation: Duration = .seconds(5),
            isStopped: @escaping @Sendable () -> Bool = { false }
        ) {
            self.answer = answer
            self.cancellation = cancellation
            self.isStopped = isStopped
        }
    }

    /// How it waits; may be changed between calls.
    package var patience: Patience
    /// Server, port and database, for messages.
    package let target: String
    /// Sessions whose answers are taken in, though not handed out, while this one waits: their server processes then need
    /// not wait for this program to read.
    package var companions: [PostgresSession] = []
    let connection: PostgresConnection
    private let canceller: PostgresCanceller?
    private static let slice: Int64 = 100_000_000

    /// Connects, waiting `timeout` at most.
    /// - Throws: `PostgresError`; of kind `cancelled` when `isStopped` said so.
    package init(
        _ configuration: PostgresConfiguration, timeout: Duration = .seconds(10), patience: Patience = Patience()
    ) throws(PostgresError) {
        let connection = try PostgresConnection(configuration)
        let deadline = MonotonicInstant.now().advanced(by: timeout)
        waiting: while true {
            while let event = connection.take() {
                switch event {
                case .connected: break waiting
                case .closed(let error): throw error
                default: break
                }
            }
            if patience.isStopped() { throw PostgresError(.cancelled, "stopped while connecting") }
            let now = MonotonicInstant.now()
            guard now < deadline else {
                let place = connection.target
                throw PostgresError(.unreachable, "\(place): the server did not answer within \(timeout)")
            }
            connection.advance(Self.wait(connection, until: min(deadline, now.advanced(by: Self.slice))))
        }
        self.connection = connection
        self.patience = patience
        target = connection.target
        canceller = connection.canceller()
    }

    /// The server's version as libpq counts, for example 150018.
    package var serverVersion: Int { connection.serverVersion }

    /// Notices since the last call; at most 64 are kept.
    package func takeNotices() -> [PostgresNotice] { connection.takeNotices() }

    /// Ends the connection at once; an open transaction is undone.
    package func close() { connection.close() }

    // MARK: - Statements

    /// Runs one statement, in a transaction of its own unless one is open.
    @discardableResult
    package func query(
        _ statement: PostgresStatement, _ parameters: PostgresParameters = PostgresParameters(),
        format: PostgresFormat = .text
    ) throws(PostgresError) -> PostgresResult {
        try connection.submit(statement, parameters, format: format)
        guard let result = try finish().first else { throw PostgresError(.other, "the server gave no answer") }
        return result
    }

    /// Sends a statement without waiting; ``finish()`` ends the group.
    package func send(
        _ statement: PostgresStatement, _ parameters: PostgresParameters = PostgresParameters(),
        format: PostgresFormat = .text
    ) throws(PostgresError) {
        try connection.submit(statement, parameters, format: format)
    }

    /// Ends the group of statements sent since the last time, and returns their results in order.
    ///
    /// A group is one transaction unless a transaction block is open.
    /// - Throws: the error of the first statement that failed; the rest of the group was then not carried out.
    @discardableResult
    package func finish() throws(PostgresError) -> [PostgresResult] { try take(try connection.sync()) }

    /// Sends a group whose results ``take(_:)`` takes later.
    package func dispatch() throws(PostgresError) -> PostgresTicket { try connection.sync() }

    /// Whether an answer has come that nobody has taken yet: ``take(_:)`` then hardly waits.
    package var hasAnswers: Bool { connection.hasEvents }

    /// Waits for the group that ``dispatch()`` sent, which must be the oldest not waited for.
    @discardableResult
    package func take(_ last: PostgresTicket) throws(PostgresError) -> [PostgresResult] {
        var results: [PostgresResult] = []
        var failure: PostgresError?
        try wait { event in
            switch event {
            case .result(_, let result): results.append(result)
            case .failure(let ticket, let error):
                failure = failure ?? error
                return ticket == last
            case .synced(let ticket): return ticket == last
            default: break
            }
            return false
        }
        if let failure { throw failure }
        return results
    }

    /// Runs a script of any number of statements.
    package func run(_ script: PostgresScript) throws(PostgresError) {
        _ = try answer(to: try connection.run(script))
    }

    // MARK: - Waiting

    /// Waits for the one answer to exclusive work.
    func answer(to ticket: PostgresTicket) throws(PostgresError) -> PostgresResult {
        var outcome: Result<PostgresResult, PostgresError>?
        try wait { event in
            switch event {
            case .result(ticket, let result): outcome = .success(result)
            case .failure(ticket, let error): outcome = .failure(error)
            default: break
            }
            return outcome != nil
        }
        guard let outcome else { throw PostgresError(.other, "the server gave no answer") }
        return try outcome.get()
    }

    /// Drives the connection and hands each event to `isDone` until that returns true.
    /// - Throws: the connection's end; `timedOut` where the server neither answered nor could be stopped in time.
    func wait(_ isDone: (PostgresEvent) -> Bool) throws(PostgresError) {
        let deadline = MonotonicInstant.now().advanced(by: patience.answer)
        var end: MonotonicInstant?
        while true {
            while let event = connection.take() {
                if case .closed(let error) = event { throw error }
                if isDone(event) { return try settleCancellation(end) }
            }
            let now = MonotonicInstant.now()
            if end == nil, now >= deadline || patience.isStopped() {
                canceller?.cancel()
                end = now.advanced(by: patience.cancellation)
            }
            if let end, now >= end {
                connection.close()
                throw PostgresError(
                    .timedOut, "\(target): no answer within \(patience.answer), and none to the cancellation")
            }
            let next = min(now.advanced(by: Self.slice), end ?? deadline)
            advance(until: next)
        }
    }

    /// One turn of waiting, for this connection and its companions'.
    private func advance(until deadline: MonotonicInstant) {
        let others = companions.map(\.connection).filter { $0.descriptor >= 0 }
        guard !others.isEmpty, !connection.hasEvents else {
            return connection.advance(Self.wait(connection, until: deadline))
        }
        let ready = DescriptorWait.wait(
            ([connection] + others).map { ($0.descriptor, $0.interest) }, until: deadline)
        connection.advance(ready[0])
        for (other, ready) in zip(others, ready.dropFirst()) where !ready.isEmpty { other.advance(ready) }
    }

    /// A cancellation that is still on its way would hit the next statement.
    private func settleCancellation(_ end: MonotonicInstant?) throws(PostgresError) {
        guard let end, let canceller else { return }
        while canceller.isRunning {
            guard MonotonicInstant.now() < end else {
                connection.close()
                throw PostgresError(.timedOut, "\(target): a cancellation did not reach the server in time")
            }
            // Nothing signals its end; the wait is for a few network turns, and only after a time-out.
            _ = DescriptorWait.wait(-1, for: [], until: MonotonicInstant.now().advanced(by: 1_000_000))
        }
    }

    private static func wait(_ connection: PostgresConnection, until deadline: MonotonicInstant) -> DescriptorInterest {
        if connection.hasEvents { return [] }
        return DescriptorWait.wait(connection.descriptor, for: connection.interest, until: deadline)
    }
}
