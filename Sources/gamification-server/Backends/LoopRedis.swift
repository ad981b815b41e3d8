import EventLoop
import Lifecycle
import Redis

/// A Redis, or a cluster of them, on the event loop. What is sent in one turn of the loop goes out in one write. Answers
/// come on the loop's thread, after the call that asked has returned.
final class LoopRedis {
    typealias Answer = Result<RedisReply, RedisError>

    private struct Waiting {
        let completion: (Answer) -> Void
        let token: UInt64
        let deadline: TimerWheel.Entry?
    }

    private let loop: EventLoop
    private let client: RedisClient
    private let choice: (Bool) -> RedisKeyStyle
    private var waiting: [RedisTicket: Waiting] = [:]
    private var tickets: [UInt64: RedisTicket] = [:]
    private var lastToken: UInt64 = 0
    private var refused: [(RedisError, (Answer) -> Void)] = []
    private var breaker = CircuitBreaker(threshold: 8, pauseMilliseconds: 200)
    private var watch: DescriptorWatch?
    private var hook: TurnHook?
    private var timer: LoopTimer?
    private var wheel: TimerWheel?
    private var armed = MonotonicInstant(nanoseconds: .max)

    /// Begins to connect when the loop runs.
    ///
    /// - Parameter keyStyle: how names are spelled, by whether the server is one of a cluster.
    init(
        _ loop: EventLoop, _ configuration: RedisConfiguration, keyStyle: @escaping (Bool) -> RedisKeyStyle
    ) throws {
        self.loop = loop
        choice = keyStyle
        var configuration = configuration
        configuration.patience = .seconds(2)
        configuration.answerTimeout = .seconds(2)
        configuration.longestPause = 1_000
        client = try RedisClient(configuration)
        watch = try DescriptorWatch(loop, descriptor: client.descriptor) { [unowned self] _ in advance() }
        watch?.wantsRead = true
        hook = TurnHook(loop) { [unowned self] in advance() }
        timer = try LoopTimer(loop) { [unowned self] in
            armed = MonotonicInstant(nanoseconds: .max)
            advance()
        }
        wheel = try TimerWheel(loop) { [unowned self] token in timedOut(token) }
        hook?.request()
    }

    deinit { hook?.cancel() }

    /// Whether a connection is up.
    var isUp: Bool { client.isUp }

    /// Why there is no connection, while there is none.
    var lastError: RedisError? { client.lastError }

    /// Whether the server is one of a cluster; false until it has said so.
    var isCluster: Bool { client.isCluster ?? false }

    /// The names of keys, as this server has them.
    var keys: RedisKeys { RedisKeys(choice(isCluster)) }

    /// The servers that take writes.
    var primaries: [RedisAddress] { client.primaries }

    /// Whether it is worth asking: false while it is taken to be away, except now and then, to find out. Ask right before
    /// the one ``send(_:to:within:_:)`` that depends on it.
    func isWorthAsking(at now: MonotonicInstant) -> Bool { breaker.admits(at: now) }

    /// Sends a command. `completion` is called once: with the reply, an error of the server's, or `timedOut` after `within`
    /// nanoseconds; the command may run nevertheless.
    func send(
        _ command: RedisCommand, to node: RedisAddress? = nil, within nanoseconds: Int64 = 2_000_000_000,
        _ completion: @escaping (Answer) -> Void
    ) {
        hook?.request()
        let now = loop.now
        do throws(RedisError) {
            let ticket = try client.submit(command, to: node, at: now)
            lastToken += 1
            tickets[lastToken] = ticket
            let deadline = wheel?.insert(at: now.advanced(by: nanoseconds), token: lastToken)
            waiting[ticket] = Waiting(completion: completion, token: lastToken, deadline: deadline)
        } catch {
            refused.append((error, completion))
        }
    }

    /// Ends the connections; what waits fails.
    func close() {
        client.close()
        takeAnswers()
        watch?.stop()
        timer?.cancel()
    }

    private func advance() {
        let now = loop.now
        client.advance(at: now)
        takeAnswers()
        let failures = refused
        refused = []
        for (error, completion) in failures { completion(.failure(error)) }
        let wake = client.nextWake(at: loop.now)
        if wake < armed {
            armed = wake
            timer?.start(afterNanoseconds: wake.nanoseconds(since: loop.now))
        }
    }

    private func takeAnswers() {
        while let answer = client.take() {
            guard let entry = waiting.removeValue(forKey: answer.ticket) else { continue }
            tickets[entry.token] = nil
            if let deadline = entry.deadline { wheel?.remove(deadline) }
            note(answer.result)
            entry.completion(answer.result)
        }
    }

    private func timedOut(_ token: UInt64) {
        guard let ticket = tickets.removeValue(forKey: token), let entry = waiting.removeValue(forKey: ticket) else {
            return
        }
        breaker.failed(at: loop.now)
        entry.completion(.failure(RedisError(.timedOut, "no answer in time", outcome: .unknown)))
    }

    private func note(_ answer: Answer) {
        switch answer {
        case .success: breaker.succeeded()
        case .failure(let error):
            if error.isRetriable { breaker.failed(at: loop.now) } else { breaker.succeeded() }
        }
    }
}
