import Lifecycle

/// A client driven with poll(2), for a program that has a thread to block: calls return when the answer is there.
///
/// Not Sendable: it lives on one blocking executor. Connections that break are made anew by themselves; a session
/// stays of use whatever its calls throw.
package final class RedisSession {
    /// The client; what is submitted to it directly is not waited for here.
    package let client: RedisClient
    /// Asked ten times a second; true ends what is waited for.
    package var isStopped: @Sendable () -> Bool
    private static let slice: Int64 = 100_000_000

    /// Connects, waiting `timeout` at most.
    /// - Throws: `RedisError` of kind `configuration`, `authentication`, `unreachable`; `cancelled` when `isStopped`
    ///   said so.
    package init(
        _ configuration: RedisConfiguration, timeout: Duration = .seconds(10),
        isStopped: @escaping @Sendable () -> Bool = { false }
    ) throws(RedisError) {
        client = try RedisClient(configuration)
        self.isStopped = isStopped
        let deadline = MonotonicInstant.now().advanced(by: timeout)
        client.advance()
        while !client.isUp {
            if let error = client.lastError, !error.isRetriable { throw error }
            guard MonotonicInstant.now() < deadline else {
                throw client.lastError ?? RedisError(.unreachable, "no connection within \(timeout)")
            }
            try wait(until: deadline)
        }
    }

    /// A session that connects when it is first used: what cannot be sent within the configuration's `patience` fails.
    /// - Throws: `RedisError` of kind `configuration`.
    package init(
        unconnected configuration: RedisConfiguration, isStopped: @escaping @Sendable () -> Bool = { false }
    ) throws(RedisError) {
        client = try RedisClient(configuration)
        self.isStopped = isStopped
    }

    /// Whether the server is one of a cluster.
    package var isCluster: Bool { client.isCluster ?? false }

    /// Ends all connections.
    package func close() { client.close() }

    /// Runs one command and returns its reply.
    ///
    /// - Parameter node: the server that is to have it; nil lets the keys decide.
    /// - Throws: `RedisError`, a server's error included.
    @discardableResult
    package func run(_ command: RedisCommand, on node: RedisAddress? = nil) throws(RedisError) -> RedisReply {
        let ticket = try client.submit(command, to: node)
        var result: Result<RedisReply, RedisError>?
        try waitForAnswers { answer in
            if answer.ticket == ticket { result = answer.result }
            return result != nil
        }
        guard let result else { throw RedisError(.cancelled, "stopped while waiting for an answer", outcome: .unknown) }
        return try result.get()
    }

    /// Runs any number of commands without waiting for each other, and returns what came of each, in the order given.
    /// - Throws: `RedisError` of kind `cancelled` when `isStopped` said so; what was sent by then may have run.
    package func run(pipeline commands: [RedisCommand]) throws(RedisError) -> [Result<RedisReply, RedisError>] {
        var results = [Result<RedisReply, RedisError>?](repeating: nil, count: commands.count)
        // By ticket, which count up: what each was submitted for.
        var submitted: [Int] = []
        var firstTicket: UInt64?
        var next = 0
        var missing = commands.count
        while missing > 0 {
            submitting: while next < commands.count {
                do throws(RedisError) {
                    let ticket = try client.submit(commands[next])
                    firstTicket = firstTicket ?? ticket.number
                    submitted.append(next)
                } catch {
                    if error.kind == .limit { break submitting }
                    results[next] = .failure(error)
                    missing -= 1
                }
                next += 1
            }
            try waitForAnswers { answer in
                guard let firstTicket, answer.ticket.number >= firstTicket else { return false }
                let index = Int(answer.ticket.number - firstTicket)
                guard submitted.indices.contains(index) else { return false }
                results[submitted[index]] = answer.result
                missing -= 1
                return missing == 0 || next < commands.count
            }
        }
        return results.map { $0 ?? .failure(RedisError(.cancelled, "no answer", outcome: .unknown)) }
    }

    /// Takes answers until `isDone` says so or none is under way, waiting for them.
    private func waitForAnswers(_ isDone: (RedisAnswer) -> Bool) throws(RedisError) {
        client.flush()
        while true {
            var isEnough = false
            while let answer = client.take() { isEnough = isDone(answer) || isEnough }
            if isEnough || client.outstanding == 0 { return }
            try wait(until: .init(nanoseconds: .max))
        }
    }

    private func wait(until deadline: MonotonicInstant) throws(RedisError) {
        guard !isStopped() else {
            throw RedisError(.cancelled, "stopped while waiting for the server", outcome: .unknown)
        }
        let now = MonotonicInstant.now()
        let next = min(min(deadline, client.nextWake(at: now)), now.advanced(by: Self.slice))
        _ = DescriptorWait.wait(client.descriptor, for: .read, until: next)
        client.advance()
    }
}
