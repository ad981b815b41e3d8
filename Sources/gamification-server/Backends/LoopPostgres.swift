import EventLoop
import Lifecycle
import Postgres
import Translations

/// A statement with its values.
struct PostgresQuery: Sendable {
    let statement: PostgresStatement
    let parameters: PostgresParameters

    /// A statement whose values `fill` adds in their order.
    init(_ statement: PostgresStatement, _ fill: (inout PostgresParameters) -> Void = { _ in }) {
        self.statement = statement
        var parameters = PostgresParameters()
        fill(&parameters)
        self.parameters = parameters
    }

    /// A statement of the shared module.
    init(_ query: IntentQuery) {
        statement = query.statement
        parameters = query.parameters
    }
}

/// A pool of connections to PostgreSQL on the event loop, kept up by itself. Answers come on the loop's thread, after the
/// call that asked has returned, in binary form.
///
/// Awards come first: what they wait for is lent a connection before all else, and of three or more all else together never
/// has the last one, however long a page of a large board or a sweep takes.
///
/// Addresses are best given as numbers, or as names that resolve at once (`/etc/hosts`, a local cache): libpq resolves
/// names where it connects, which is this loop.
final class LoopPostgres {
    typealias Answer = Result<[PostgresResult], PostgresError>

    /// What a connection is wanted for.
    enum Purpose: Int, CaseIterable {
        /// An answer within milliseconds, by statements that take no longer.
        case award
        /// Reads of any size, sweeps, notes.
        case other
    }

    private struct Waiting {
        let deadline: MonotonicInstant
        let body: (Result<PostgresLease, PostgresError>) -> Void
    }

    /// Requests for a connection that may wait.
    private static let limit = 10_000

    let loop: EventLoop
    private let pool: PostgresPool
    private var lanes: [PostgresLane] = []
    /// By purpose.
    private var waiting = Purpose.allCases.map { _ in Fifo<Waiting>() }
    /// Connections that are lent for other purposes than awards.
    private var otherCount = 0
    private var hook: TurnHook?
    private var timer: LoopTimer?

    /// Begins to connect when the loop runs. `size` connections, 1 to 64.
    init(_ loop: EventLoop, _ configuration: PostgresConfiguration, size: Int) throws {
        self.loop = loop
        var configuration = configuration
        // A plan that was made while a table was empty reads all of it for every row, long after it has grown: a batch of a
        // thousand then takes seconds. Planning anew costs a fraction of a millisecond a batch.
        configuration.sessionOptions = "-c plan_cache_mode=force_custom_plan"
        pool = PostgresPool(configuration, size: size, at: loop.now)
        for index in 0..<pool.members.count {
            lanes.append(try PostgresLane(loop, index: index) { [unowned self] in hook?.request() })
        }
        hook = TurnHook(loop) { [unowned self] in tend() }
        timer = try LoopTimer(loop) { [unowned self] in tend() }
        hook?.request()
    }

    deinit { hook?.cancel() }

    /// Whether a connection is up.
    var isUp: Bool { pool.upCount > 0 }

    /// Why the last attempt to connect failed; nil once one has succeeded after it.
    var lastError: PostgresError? { pool.lastError }

    /// Sends statements in one round trip, as one transaction. `completion` has their results in order, or the first error,
    /// with which nothing of it was done; after a lost connection, or a time-out, that is not known.
    ///
    /// - Parameters:
    ///   - purpose: who comes first.
    ///   - patience: nanoseconds to wait for a free connection.
    ///   - within: nanoseconds after which the connection is given up.
    func run(
        _ queries: [PostgresQuery], for purpose: Purpose = .other, patience: Int64 = 2_000_000_000,
        within: Int64 = 5_000_000_000, _ completion: @escaping (Answer) -> Void
    ) {
        lease(for: purpose, patience: patience) { lease in
            switch lease {
            case .failure(let error): completion(.failure(error))
            case .success(let lease):
                lease.run(queries, within: within) { answer in
                    lease.end()
                    completion(answer)
                }
            }
        }
    }

    /// Lends a connection, for transactions of several round trips: `body` must lead to ``PostgresLease/end()``.
    func lease(
        for purpose: Purpose = .other, patience: Int64 = 2_000_000_000,
        _ body: @escaping (Result<PostgresLease, PostgresError>) -> Void
    ) {
        waiting[purpose.rawValue].append(Waiting(deadline: loop.now.advanced(by: patience), body: body))
        hook?.request()
    }

    /// Ends the connections; what is under way fails as lost.
    func close() {
        for lane in lanes { lane.stopWatching() }
        pool.close()
        timer?.cancel()
        hook?.cancel()
    }

    func giveBack(_ lane: PostgresLane, _ purpose: Purpose) {
        if purpose == .other { otherCount -= 1 }
        pool.giveBack(lane.index, at: loop.now)
        hook?.request()
    }

    /// Keeps the pool up and lends what is free.
    private func tend() {
        let now = loop.now
        for lane in lanes { lane.deliver() }
        var wake = pool.advance(at: now)
        refresh()
        dispatch(now)
        for deadline in waiting.compactMap(\.first?.deadline) { wake = min(wake ?? deadline, deadline) }
        if let wake { timer?.start(afterNanoseconds: wake.nanoseconds(since: now)) }
    }

    private func refresh() {
        for member in pool.members { lanes[member.index].follow(member.connection) }
    }

    private func dispatch(_ now: MonotonicInstant) {
        if pool.upCount == 0, let error = pool.lastError {
            for purpose in Purpose.allCases { fail(purpose, error) }
            return
        }
        lend(.award) { true }
        // Two at least: a sweep fills boards with one connection, and asks for the epoch with another.
        lend(.other) { otherCount < max(2, pool.upCount - 1) }
        let busy = PostgresError(.limit, "no connection to PostgreSQL was free in time")
        for place in waiting.indices {
            while let first = waiting[place].first, first.deadline <= now || waiting[place].count > Self.limit {
                _ = waiting[place].popFirst()
                first.body(.failure(busy))
            }
        }
    }

    private func lend(_ purpose: Purpose, while isFree: () -> Bool) {
        while !waiting[purpose.rawValue].isEmpty, isFree(), let member = pool.lend() {
            guard let next = waiting[purpose.rawValue].popFirst() else { break }
            if purpose == .other { otherCount += 1 }
            lanes[member.index].follow(member.connection)
            next.body(.success(PostgresLease(self, lanes[member.index], purpose)))
        }
    }

    private func fail(_ purpose: Purpose, _ error: PostgresError) {
        // Those that ask again at once are for the next turn.
        var failing = waiting[purpose.rawValue]
        waiting[purpose.rawValue] = Fifo()
        while let next = failing.popFirst() { next.body(.failure(error)) }
    }
}
