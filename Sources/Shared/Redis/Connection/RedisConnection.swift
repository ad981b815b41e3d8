import Lifecycle

/// One connection to one server, non-blocking at heart: it says what it waits for on its descriptor, is told what is
/// ready, and gives out what came of it. It does not come back after its end; the client makes a new one.
///
/// Not Sendable: it belongs to a ``RedisClient``.
final class RedisConnection {
    /// What came of it.
    enum Event {
        /// The greeting is over; commands may be sent.
        case ready
        case answer(Pending, RedisReply)
        /// The reply to a question for the slot map.
        case slots(RedisReply)
        /// It is over. Commands that were sent and not answered, then those of which not a byte was sent.
        case closed(RedisError, sent: [Pending], unsent: [Pending])
    }

    /// What the server owes an answer to, in order.
    private enum Expectation {
        case greeting(Greeting.Step)
        case asking
        case slots
        case command(Pending)
    }

    private struct Sent {
        let expectation: Expectation
        /// Where in all that was ever written it begins.
        let start: UInt64
        let answerBy: MonotonicInstant
    }

    private enum Phase {
        case resolving(NameLookup)
        case connecting
        case greeting
        case ready
        case closed
    }

    let address: RedisAddress
    private let configuration: RedisConfiguration
    private let reader: ReplyReader
    private var phase: Phase
    private var socket: StreamSocket?
    /// Addresses that are left to try.
    private var candidates: [SocketAddress] = []
    /// Changes with every new descriptor, whose number may be that of an old one.
    private(set) var generation = 0
    private let connectBy: MonotonicInstant
    private var expected = Fifo<Sent>()
    private var events = Fifo<Event>()
    private var output = OutputBuffer()
    /// RESP3 pushes, which nobody asked for.
    private(set) var pushes = 0

    /// Begins to connect.
    init(_ address: RedisAddress, _ configuration: RedisConfiguration, at now: MonotonicInstant) throws(RedisError) {
        self.address = address
        self.configuration = configuration
        reader = try ReplyReader(limits: .init(bytes: configuration.replyLimit))
        connectBy = now.advanced(by: configuration.connectTimeout)
        if case .success(let found) = SocketAddress.resolve(address, numericOnly: true) {
            candidates = found
            phase = .connecting
            connectNext()
        } else {
            phase = .resolving(try NameLookup(address))
        }
    }

    // MARK: - Driving

    /// The descriptor to wait on; -1 when the connection is over. It changes while connecting.
    var descriptor: Int32 {
        if case .resolving(let lookup) = phase { return lookup.descriptor }
        switch socket {
        case .some(let socket): return socket.descriptor
        case .none: return -1
        }
    }

    /// What to wait for.
    var interest: DescriptorInterest {
        switch phase {
        case .resolving: .read
        case .connecting: .write
        case .greeting, .ready: output.isEmpty ? .read : [.read, .write]
        case .closed: []
        }
    }

    var isReady: Bool { if case .ready = phase { true } else { false } }

    /// Whether nothing is under way.
    var isIdle: Bool { expected.isEmpty && events.isEmpty }

    /// When ``expire(at:)`` is to be called at the latest.
    var deadline: MonotonicInstant? {
        switch phase {
        case .resolving, .connecting, .greeting: connectBy
        case .ready: expected.first?.answerBy
        case .closed: nil
        }
    }

    /// Takes up work on a descriptor that is ready; `buffer` is scratch memory for reading.
    func advance(_ ready: DescriptorInterest, _ buffer: UnsafeMutableRawBufferPointer) {
        switch phase {
        case .resolving(let lookup): resolved(lookup)
        case .connecting: if ready.contains(.write) { connected() }
        case .greeting, .ready:
            if ready.contains(.read) { receive(into: buffer) }
            flush()
        case .closed: break
        }
    }

    /// Gives up if the server was silent for too long.
    func expire(at now: MonotonicInstant) {
        guard let deadline, now >= deadline else { return }
        if isReady {
            fail(RedisError(.timedOut, "no answer within \(configuration.answerTimeout)"))
        } else {
            fail(RedisError(.unreachable, "no connection within \(configuration.connectTimeout)"))
        }
    }

    func take() -> Event? { events.popFirst() }

    /// Ends it.
    func close(_ error: RedisError) { fail(error) }

    // MARK: - Sending

    /// Puts a command behind the others; ``flush()`` sends it. Only when ``isReady``.
    func submit(_ pending: Pending, at now: MonotonicInstant) {
        let answerBy = now.advanced(by: configuration.answerTimeout)
        if pending.isAsking {
            // The server forgets it with the next command, so the two must stand together.
            expect(.asking, answerBy)
            output.append(RedisCommand("ASKING"))
        }
        expect(.command(pending), answerBy)
        output.append(pending.command)
    }

    /// Asks for the slot map.
    func askForSlots(at now: MonotonicInstant) {
        expect(.slots, now.advanced(by: configuration.answerTimeout))
        var command = RedisCommand("CLUSTER")
        command.add("SLOTS")
        output.append(command)
    }

    /// Writes what the network takes.
    func flush() {
        guard isReady || isGreeting else { return }
        while !output.isEmpty {
            let step: StreamSocket.Step =
                switch socket {
                case .some(let socket): output.withBytes { socket.write($0) }
                case .none: .end
                }
            switch step {
            case .bytes(let count): output.drop(count)
            // After a failure there may still be answers to read; then reading finds the end.
            case .blocked, .failed, .end: return
            }
        }
    }

    private var isGreeting: Bool { if case .greeting = phase { true } else { false } }

    private func expect(_ expectation: Expectation, _ answerBy: MonotonicInstant) {
        expected.append(Sent(expectation: expectation, start: output.end, answerBy: answerBy))
    }

    // MARK: - Connecting

    private func resolved(_ lookup: NameLookup) {
        switch lookup.take() {
        case .success(let found):
            candidates = found
            phase = .connecting
            connectNext()
        case .failure(let error): fail(error)
        case nil: break
        }
    }

    private func connectNext(_ last: RedisError? = nil) {
        var last = last
        while !candidates.isEmpty {
            do throws(RedisError) {
                generation += 1
                socket = try StreamSocket(connectingTo: candidates.removeFirst())
                return
            } catch {
                last = error
            }
        }
        fail(last ?? RedisError(.unreachable, "the name has no address"))
    }

    private func connected() {
        let code: Int32 =
            switch socket {
            case .some(let socket): socket.connectionError()
            case .none: 0
            }
        guard code == 0 else { return connectNext(StreamSocket.error(code)) }
        phase = .greeting
        for step in Greeting.steps(configuration) {
            expect(.greeting(step), connectBy)
            output.append(step.command)
        }
        flush()
    }

    // MARK: - Receiving

    private func receive(into buffer: UnsafeMutableRawBufferPointer) {
        let step: StreamSocket.Step =
            switch socket {
            case .some(let socket): socket.read(into: buffer)
            case .none: .end
            }
        switch step {
        case .bytes(let count):
            do throws(RedisError) {
                try reader.read(UnsafeRawBufferPointer(rebasing: buffer[..<count])) { take($0) }
            } catch {
                fail(error)
            }
        case .blocked: break
        case .end: fail(RedisError(.connectionLost, "the server ended the connection"))
        case .failed(let code): fail(Self.lost(code))
        }
    }

    private func take(_ reply: RedisReply) {
        if case .push = reply {
            pushes += 1
            return
        }
        guard let sent = expected.popFirst() else {
            return fail(RedisError(.protocolViolation, "the server answered more than it was asked"))
        }
        switch sent.expectation {
        case .greeting(let step): greeted(step, reply)
        // An error here is followed by the same one for the command.
        case .asking: break
        case .slots: events.append(.slots(reply))
        case .command(let pending): events.append(.answer(pending, reply))
        }
    }

    private func greeted(_ step: Greeting.Step, _ reply: RedisReply) {
        if case .error(let error) = reply, let failure = step.failure(error, address) { return fail(failure) }
        guard expected.isEmpty, isGreeting else { return }
        phase = .ready
        events.append(.ready)
    }

    // MARK: - The end

    private static func lost(_ code: Int32) -> RedisError {
        RedisError(.connectionLost, StreamSocket.error(code).reason)
    }

    private func fail(_ error: RedisError) {
        if case .closed = phase { return }
        var error = error
        // A connection that breaks before it is up was never there.
        if !isReady, error.kind == .connectionLost { error.kind = .unreachable }
        error.node = error.node ?? address
        phase = .closed
        socket = nil
        var (sent, unsent): ([Pending], [Pending]) = ([], [])
        while let next = expected.popFirst() {
            guard case .command(let pending) = next.expectation else { continue }
            if next.start < output.written { sent.append(pending) } else { unsent.append(pending) }
        }
        output = OutputBuffer()
        events.append(.closed(error, sent: sent, unsent: unsent))
    }
}
