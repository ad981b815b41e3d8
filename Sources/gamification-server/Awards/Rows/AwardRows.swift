import EventLoop
import Lifecycle
import Observability
import Postgres

/// Writes the rows of awards: all that wait in one turn of the loop in one transaction (group commit), sorted by primary key;
/// who loses to a row that is there already is given that one (contracts, section 5).
final class AwardRows {
    /// What became of one row.
    enum Outcome: Equatable {
        case inserted(Award)
        case existing(Award)
        case failed(AwardFailure)
    }

    /// A row that is to be.
    struct Wanted {
        let key: AwardKey
        let eventID: PostgresUUID
        let taskID: PostgresUUID
        let locale: String
        let traceID: String
        let completion: (Outcome) -> Void
    }

    /// Rows in one transaction.
    private static let batch = 500
    /// Transactions at a time.
    private static let lanes = 2
    /// Rows that may wait; more fail at once.
    private static let limit = 20_000
    /// Times that a batch is tried which lost to a deadlock or a concurrent change.
    private static let tries = 5

    private let loop: EventLoop
    private let postgres: LoopPostgres
    private let log: Logger
    private var waiting = Fifo<Wanted>()
    private var running = 0
    private var hook: TurnHook?
    private var known = KnownMerchants()

    init(_ loop: EventLoop, postgres: LoopPostgres, log: Logger) {
        self.loop = loop
        self.postgres = postgres
        self.log = log
        hook = TurnHook(loop) { [unowned self] in commit() }
    }

    deinit { hook?.cancel() }

    /// Writes a row. The completion is called once, on the loop's thread, after this has returned: when the row is
    /// committed, however long that takes, or will not be.
    func write(_ wanted: Wanted) {
        waiting.append(wanted)
        hook?.request()
    }

    private func commit() {
        // Whoever has waited longest is the first who need not be answered any more.
        while waiting.count > Self.limit, let oldest = waiting.popFirst() {
            oldest.completion(.failed(.unavailable(.postgres)))
        }
        while !waiting.isEmpty, running < Self.lanes {
            var lot: [Wanted] = []
            lot.reserveCapacity(min(Self.batch, waiting.count))
            while lot.count < Self.batch, let next = waiting.popFirst() { lot.append(next) }
            lot.sort { $0.key < $1.key }
            running += 1
            write(lot, tries: Self.tries) { [self] in
                running -= 1
                if !waiting.isEmpty { hook?.request() }
            }
        }
    }

    /// Writes a sorted batch; `done` when every completion was called.
    private func write(_ lot: [Wanted], tries: Int, done: @escaping () -> Void) {
        let batch = AwardBatch(lot, newMerchants: known.new(lot))
        postgres.run(batch.queries, for: .award, patience: 1_000_000_000) { [self] answer in
            switch answer {
            case .success(let results):
                known.add(lot)
                batch.finish(results)
                done()
            case .failure(let error): failed(lot, error, tries, done)
            }
        }
    }

    private func failed(_ lot: [Wanted], _ error: PostgresError, _ tries: Int, _ done: @escaping () -> Void) {
        let state = error.sqlState
        let isRefusal = state?.classCode == "22" || state?.classCode == "23"
        if isRefusal { known.removeAll() }
        if error.kind == .conflict, tries > 1 { return write(lot, tries: tries - 1, done: done) }
        guard isRefusal else {
            log.warning("awards could not be written", [.error(error), .integer("awards", lot.count)])
            for wanted in lot { wanted.completion(.failed(.unavailable(.postgres))) }
            return done()
        }
        guard lot.count > 1 else {
            log.error("the database refuses an award", [.error(error), .merchantID(lot[0].key.merchant.description)])
            lot[0].completion(.failed(.refused))
            return done()
        }
        // Only the offending one is to fail.
        let half = lot.count / 2
        write(Array(lot[..<half]), tries: Self.tries) { [self] in
            write(Array(lot[half...]), tries: Self.tries, done: done)
        }
    }
}

/// Merchants that are in the database, as far as is remembered: a bounded number.
private struct KnownMerchants {
    private static let limit = 20_000
    private var known: Set<PostgresUUID> = []

    /// Those of a sorted batch that are not known, sorted, each once.
    func new(_ lot: [AwardRows.Wanted]) -> [PostgresUUID] {
        var list: [PostgresUUID] = []
        for wanted in lot where list.last != wanted.key.merchant && !known.contains(wanted.key.merchant) {
            list.append(wanted.key.merchant)
        }
        return list
    }

    mutating func add(_ lot: [AwardRows.Wanted]) {
        if known.count > Self.limit { known = [] }
        for wanted in lot { known.insert(wanted.key.merchant) }
    }

    mutating func removeAll() { known = [] }
}
