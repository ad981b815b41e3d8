package import Lifecycle

/// An answer to a command: the reply, or why there is none.
package struct RedisAnswer: Sendable {
    /// The command that it answers.
    package let ticket: RedisTicket
    /// What came of it.
    package let result: Result<RedisReply, RedisError>
}

/// A pipelining client for one server or a cluster, non-blocking at heart: it has one descriptor to wait on, does what
/// can be done (``advance(at:)``), and gives out answers (``take()``). A program drives it with poll(2) through
/// `RedisSession`, a server on its event loop.
///
/// Commands are sent without waiting for each other; their number and size are bounded. Those about one key are carried
/// out in the order they were submitted, unless a cluster is moving it meanwhile. Connections that break are made anew,
/// with growing pauses; a command that was sent on one that broke is not repeated: its failure says that its outcome is
/// not known. What was not sent yet waits, `patience` at most.
///
/// Whether the server is one of a cluster is asked of it. In a cluster the client keeps a slot map, follows MOVED and
/// ASK, and waits out TRYAGAIN, CLUSTERDOWN and LOADING.
///
/// Not Sendable: one thread, or one isolation domain, has it. Nothing here blocks; names are resolved on a thread of
/// their own.
package final class RedisClient {
    /// What it was made with.
    package let configuration: RedisConfiguration
    let poller: Poller
    var nodes: [RedisAddress: RedisNode] = [:]
    private var byToken: [UInt64: RedisNode] = [:]
    var topology = Topology()
    /// Commands that came before it was known where they belong.
    var unrouted = Fifo<Pending>()
    var delayed = DelayQueue()
    private var answers = Fifo<RedisAnswer>()
    private var lastTicket: UInt64 = 0
    private var lastToken: UInt64 = 0
    /// Commands under way.
    package private(set) var outstanding = 0
    private var outstandingBytes = 0
    private var isClosed = false
    private let buffer: UnsafeMutableRawBufferPointer

    /// A client that begins to connect with the first ``advance(at:)``.
    /// - Throws: `RedisError` of kind `configuration`, or `unreachable` where the process has no descriptor left.
    package init(_ configuration: RedisConfiguration) throws(RedisError) {
        try configuration.check()
        self.configuration = configuration
        poller = try Poller()
        buffer = .allocate(byteCount: 1 << 16, alignment: 16)
    }

    deinit { buffer.deallocate() }

    // MARK: - State

    /// Whether the server is one of a cluster; nil until it has said so.
    package var isCluster: Bool? { topology.isCluster }

    /// Whether at least one connection is up and it is known where commands belong.
    package var isUp: Bool { topology.isCluster != nil && nodes.values.contains { $0.isReady } }

    /// The last reason why a connection failed, while none is up.
    package var lastError: RedisError? {
        isUp ? nil : topology.lastError ?? nodes.values.compactMap(\.lastError).first
    }

    /// The servers that take writes: a cluster's primaries, or the one that is connected. Empty until known.
    package var primaries: [RedisAddress] {
        if topology.isCluster == true { return topology.map.primaries }
        return topology.single.map { [$0] } ?? []
    }

    /// Whether `submit` takes another command of usual size.
    package var hasRoom: Bool {
        outstanding < configuration.commandLimit && outstandingBytes < configuration.byteLimit
    }

    // MARK: - Driving

    /// What to wait on for reading; it stays the same. Readable when ``advance(at:)`` has something to do.
    package var descriptor: Int32 { poller.descriptor }

    /// When to call ``advance(at:)`` although the descriptor is not ready.
    package func nextWake(at now: MonotonicInstant) -> MonotonicInstant {
        var wake = now.advanced(bySeconds: 60)
        for node in nodes.values {
            if let next = node.wake { wake = min(wake, next) }
            if let first = node.waiting.first { wake = min(wake, first.deadline) }
        }
        if topology.isCluster == false, let single = topology.single.flatMap({ nodes[$0] }), single.connection == nil {
            wake = min(wake, single.nextAttempt)
        }
        if let first = unrouted.first { wake = min(wake, first.deadline) }
        if let due = delayed.due { wake = min(wake, due) }
        if topology.isWanted, !topology.isAsked { wake = min(wake, topology.nextQuestion) }
        return wake
    }

    /// Does what can be done without waiting: reads, writes, connects, gives up what took too long.
    package func advance(at now: MonotonicInstant = .now()) {
        guard !isClosed else { return }
        poller.ready { token, interest in
            guard let node = byToken[token], let connection = node.connection else { return }
            connection.advance(interest, buffer)
            settle(node, at: now)
        }
        for node in nodes.values {
            node.connection?.expire(at: now)
            settle(node, at: now)
        }
        expire(at: now)
        for pending in delayed.take(at: now) { route(pending, at: now) }
        keepUp(at: now)
        flush()
    }

    /// Hands to the network what was submitted. ``advance(at:)`` does that too.
    package func flush() {
        for node in nodes.values {
            node.connection?.flush()
            node.watch(poller)
        }
    }

    /// The next answer; nil when there is none now. Answers come in the order in which servers give them.
    package func take() -> RedisAnswer? { answers.popFirst() }

    /// Ends all connections. Commands under way fail; what was sent may have run.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        let error = RedisError(.cancelled, "the connection was closed by this program")
        for node in nodes.values {
            node.connection?.close(error)
            while let event = node.connection?.take() {
                if case .closed(let error, let sent, let unsent) = event {
                    for pending in sent { finish(pending, .failure(error.with(outcome: .unknown))) }
                    for pending in unsent { finish(pending, .failure(error)) }
                }
            }
            while let pending = node.waiting.popFirst() { finish(pending, .failure(error)) }
        }
        while let pending = unrouted.popFirst() { finish(pending, .failure(error)) }
        for pending in delayed.takeAll() { finish(pending, .failure(error)) }
        nodes = [:]
        byToken = [:]
    }

    // MARK: - Asking

    /// Sends a command, or lets it wait for its connection.
    ///
    /// - Parameter node: the server that is to have it, whatever its keys; nil lets the keys decide.
    /// - Throws: `RedisError` of kind `limit` when too much is under way: take answers first.
    @discardableResult
    package func submit(
        _ command: RedisCommand, to node: RedisAddress? = nil, at now: MonotonicInstant = .now()
    ) throws(RedisError) -> RedisTicket {
        guard !isClosed else { throw RedisError(.cancelled, "the connection was closed by this program") }
        guard command.byteCount <= configuration.byteLimit else {
            throw RedisError(.configuration, "a command of more than \(configuration.byteLimit) bytes")
        }
        guard outstanding < configuration.commandLimit,
            outstandingBytes == 0 || outstandingBytes + command.byteCount <= configuration.byteLimit
        else { throw RedisError(.limit, "too many commands are under way") }
        lastTicket += 1
        let ticket = RedisTicket(number: lastTicket)
        outstanding += 1
        outstandingBytes += command.byteCount
        let deadline = now.advanced(by: configuration.patience)
        route(Pending(ticket: ticket, command: command, deadline: deadline, pinned: node), at: now)
        return ticket
    }

    /// A command is over.
    func finish(_ pending: Pending, _ result: Result<RedisReply, RedisError>) {
        outstanding -= 1
        outstandingBytes -= pending.command.byteCount
        answers.append(RedisAnswer(ticket: pending.ticket, result: result))
    }

    /// A command on its way was replaced by a larger one.
    func grew(by bytes: Int) { outstandingBytes += bytes }

    // MARK: - Nodes

    /// The node at `address`, known or new.
    func node(_ address: RedisAddress, at now: MonotonicInstant) -> RedisNode {
        if let known = nodes[address] { return known }
        lastToken += 1
        let node = RedisNode(address, token: lastToken, configuration, at: now)
        nodes[address] = node
        byToken[lastToken] = node
        return node
    }

    /// Forgets a node that no slot map names, once nothing is under way there.
    func forget(_ node: RedisNode) {
        nodes[node.address] = nil
        byToken[node.token] = nil
    }
}
