import CLibPQ
package import Lifecycle

/// One connection, non-blocking at heart: it says what it waits for on its descriptor (``interest``), is told what is
/// ready (``advance(_:)``), and gives out what came of it (``take()``). A program drives it with poll(2) through
/// `PostgresSession`, a server on its event loop.
///
/// Statements are pipelined (libpq's pipeline mode): any number is sent without waiting, and ``sync()`` ends a group.
/// Between two syncs statements form one transaction unless they open one themselves; after the first that fails the
/// rest of the group is skipped.
///
/// Not Sendable: one thread, or one isolation domain, has it. Nothing here blocks, except that ``init(_:)`` resolves
/// host names.
package final class PostgresConnection {
    enum Phase {
        case connecting(DescriptorInterest)
        case ready
        case closed
    }

    /// What the server owes, in order.
    enum Expectation {
        case preparation(PostgresStatement)
        case statement(PostgresTicket)
        case sync(PostgresTicket)
        case script(PostgresTicket)
    }

    /// Things asked and not answered that are allowed at a time; beyond, `submit` throws an error of kind `limit`.
    package static let limit = 20_000

    /// Nil once the connection is over.
    var handle: ConnectionHandle?
    let notices = NoticeBox()
    var phase: Phase
    var expectations = Fifo<Expectation>()
    var events = Fifo<PostgresEvent>()
    var statements = StatementCache()
    var epoch: UInt64 = 0
    /// The result of the first expectation has come, and the NULL that ends it has not.
    var hasResult = false
    /// Why the preparation that went before the next statement failed.
    var preparationError: PostgresError?
    var mustFlush = false
    /// The kind of exclusive work under way.
    var exclusive: Exclusive?
    var exclusiveError: PostgresError?
    var exclusiveResult: PostgresResult?
    var hasAskedForData = false
    private var lastTicket: UInt64 = 0

    /// Begins to connect. Resolves host names, which may block; everything else happens in ``advance(_:)``.
    /// - Throws: `PostgresError` of kind `resources`; other failures come as ``PostgresEvent/closed(_:)``.
    package init(_ configuration: PostgresConfiguration) throws(PostgresError) {
        let handle = try configuration.start()
        // Failures then carry the SQLSTATE, which no translation of the message changes.
        PQsetErrorVerbosity(handle.raw, PQERRORS_SQLSTATE)
        PQsetNoticeReceiver(handle.raw, receivePostgresNotice, Unmanaged.passUnretained(notices).toOpaque())
        let isBad = PQstatus(handle.raw) == CONNECTION_BAD
        phase = .connecting(.write)
        self.handle = consume handle
        if isBad { fail(connectionError()) }
    }

    // MARK: - Driving

    /// The descriptor to wait on; -1 when the connection is over. It may change while connecting, so ask anew after
    /// every ``advance(_:)``.
    package var descriptor: Int32 { raw.map { PQsocket($0) } ?? -1 }

    /// What to wait for; empty when the connection is over.
    package var interest: DescriptorInterest {
        switch phase {
        case .connecting(let interest): interest
        case .ready: mustFlush ? [.read, .write] : .read
        case .closed: []
        }
    }

    /// Takes up work: reads and writes what goes without blocking. Call it when the descriptor is ready for something,
    /// and with nothing after statements were submitted.
    package func advance(_ ready: DescriptorInterest) {
        switch phase {
        case .connecting: connect(ready)
        case .ready:
            guard let raw else { return }
            if ready.contains(.read), PQconsumeInput(raw) == 0 { return lose(raw) }
            if mustFlush { flush(raw) }
            drain()
        case .closed: break
        }
    }

    /// The next event, in order; nil when there is none now.
    package func take() -> PostgresEvent? { events.popFirst() }

    /// Whether there are events to take.
    package var hasEvents: Bool { !events.isEmpty }

    /// Notices since the last call; at most 64 are kept.
    package func takeNotices() -> [PostgresNotice] { notices.take() }

    /// Ends the connection at once. What is under way fails as lost; whether the server carries it out is not known.
    package func close() { fail(PostgresError(.connectionLost, "the connection was closed by this program")) }

    // MARK: - Asking

    /// Sends a statement with its values, prepared on first use. Its answer comes once a ``sync()`` follows.
    /// - Throws: `PostgresError` of kind `limit` when too much is under way, `connectionLost` when the connection is
    ///   not up.
    @discardableResult
    package func submit(
        _ statement: PostgresStatement, _ parameters: PostgresParameters = PostgresParameters(),
        format: PostgresFormat = .text
    ) throws(PostgresError) -> PostgresTicket {
        let raw = try usable()
        let use = statements.use(statement, epoch: epoch)
        var isSent = true
        if case .prepare(let name) = use {
            isSent = parameters.withTypes { count, types in
                PQsendPrepare(raw, name, statement.text, count, types) == 1
            }
            if isSent { expectations.append(.preparation(statement)) }
        }
        isSent = isSent && send(raw, use, statement, parameters, format)
        guard isSent else { throw lost(raw) }
        let ticket = nextTicket()
        expectations.append(.statement(ticket))
        return ticket
    }

    /// Ends the group of statements sent so far, and hands it to the network.
    @discardableResult
    package func sync() throws(PostgresError) -> PostgresTicket {
        let raw = try usable()
        guard PQpipelineSync(raw) == 1 else { throw lost(raw) }
        epoch += 1
        let ticket = nextTicket()
        expectations.append(.sync(ticket))
        flush(raw)
        return ticket
    }

    private func send(
        _ raw: OpaquePointer, _ use: StatementCache.Use, _ statement: PostgresStatement,
        _ parameters: PostgresParameters, _ format: PostgresFormat
    ) -> Bool {
        parameters.withPointers { values, lengths, formats, types, count in
            switch use {
            case .execute(let name), .prepare(let name):
                PQsendQueryPrepared(raw, name, count, values, lengths, formats, format.rawValue) == 1
            case .unnamed:
                PQsendQueryParams(raw, statement.text, count, types, values, lengths, formats, format.rawValue) == 1
            }
        }
    }

    // MARK: - Shared by the parts

    var raw: OpaquePointer? {
        switch handle {
        case .some(let handle): handle.raw
        case .none: nil
        }
    }

    /// The connection, if it is up, nothing exclusive is under way and there is room.
    func usable() throws(PostgresError) -> OpaquePointer {
        guard case .ready = phase, let raw else { throw PostgresError(.connectionLost, "the connection is not up") }
        guard exclusive == nil else { throw PostgresError(.limit, "a script or COPY has the connection to itself") }
        guard expectations.count < Self.limit else { throw PostgresError(.limit, "too many statements are under way") }
        return raw
    }

    func nextTicket() -> PostgresTicket {
        lastTicket += 1
        return PostgresTicket(number: lastTicket)
    }

    func flush(_ raw: OpaquePointer) {
        switch PQflush(raw) {
        case 0: mustFlush = false
        case 1: mustFlush = true
        default: lose(raw)
        }
    }
}
