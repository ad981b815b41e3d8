import EventLoop
import Lifecycle
import Redis

/// A Redis, or a cluster of them, on the event loop. What is sent in one turn of the loop goes out in one write. Answers
/// come on the loop's thread, after the call that asked has returned.
final class LoopRedis {
    typealias Answer = Result<RedisReply, RedisError>

    /// A command under way. Its place is used again; the generation tells a deadline of an earlier one.
    private struct Slot {
        var completion: ((Answer) -> Void)?
        var ticket: RedisTicket
        var deadline: TimerWheel.Entry?
        var generation: UInt32 = 0
    }

    private let loop: EventLoop
    private let client: RedisClient
    private let choice: (Bool) -> RedisKeyStyle
    private var slots: [Slot] = []
    private var free: [Int32] = []
    private var places: [RedisTicket: Int32] = [:]
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
    /// nanoseconds (nil: when the connection is given up, after 2 s); the command may run nevertheless.
    func send(
        _ command: RedisCommand, to node: RedisAddress? = nil, within nanoseconds: Int64? = 2_000_000_000,
        _ completion: @escaping (Answer) -> Void
    ) {
        hook?.request()
        let now = loop.now
        do throws(RedisError) {
            let ticket = try client.submit(command, to: node, at: now)
            let place = take(ticket, completion)
            guard let nanoseconds else { return }
            let token = UInt64(slots[Int(place)].generation) << 32 | UInt64(place)
            slots[Int(place)].deadline = wheel?.insert(at: now.advanced(by: nanoseconds), token: token)
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

    private func take(_ ticket: RedisTicket, _ completion: @escaping (Answer) -> Void) -> Int32 {
        let place: Int32
        if let reused = free.popLast() {
            place = reused
            slots[Int(place)].completion = completion
            slots[Int(place)].ticket = ticket
        } else {
            place = Int32(slots.count)
            slots.append(Slot(completion: completion, ticket: ticket))
        }
        places[ticket] = place
        return place
    }

    /// Ends what is in a place, and returns whom to tell.
    private func release(_ place: Int32) -> ((Answer) -> Void)? {
        let index = Int(place)
        defer {
            slots[index].completion = nil
            slots[index].deadline = nil
            slots[index].generation &+= 1
            free.append(place)
        }
        places[slots[index].ticket] = nil
        return slots[index].completion
    }

    private func takeAnswers() {
        while let answer = client.take() {
            note(answer.result)
            // One that came too late has nobody waiting.
            guard let place = places[answer.ticket] else { continue }
            if let deadline = slots[Int(place)].deadline { wheel?.remove(deadline) }
            release(place)?(answer.result)
        }
    }

    private func timedOut(_ token: UInt64) {
        let place = Int32(truncatingIfNeeded: token & 0xFFFF_FFFF)
        guard slots[Int(place)].generation == UInt32(token >> 32) else { return }
        breaker.failed(at: loop.now)
        release(place)?(.failure(RedisError(.timedOut, "no answer in time", outcome: .unknown)))
    }

    private func note(_ answer: Answer) {
        switch answer {
        case .success: breaker.succeeded()
        case .failure(let error):
            if error.isRetriable { breaker.failed(at: loop.now) } else { breaker.succeeded() }
        }
    }
}
