import EventLoop
import Lifecycle
import Observability
import Postgres

/// Notes in the database which awards' events are published: those of one turn of the loop in one statement, which nobody
/// waits for. What cannot be noted now is kept and tried again; what is lost with the process the sweeper publishes once more.
final class PublishedMarks {
    /// Marks in one statement.
    private static let batch = 1_000
    /// Marks that may wait; the rest is left to the sweeper.
    private static let limit = 100_000

    private let loop: EventLoop
    private let postgres: LoopPostgres
    private let log: Logger
    private var waiting = Fifo<AwardKey>()
    private var hook: TurnHook?
    private var timer: LoopTimer?
    private var isWriting = false
    /// The database did not take the last ones: nothing is written before the timer.
    private var isPausing = false
    private var pause = Backoff(firstMilliseconds: 100, longestMilliseconds: 5_000)
    private var whenIdle: (() -> Void)?

    init(_ loop: EventLoop, postgres: LoopPostgres, log: Logger) throws(EventLoopError) {
        self.loop = loop
        self.postgres = postgres
        self.log = log
        hook = TurnHook(loop) { [unowned self] in write() }
        timer = try LoopTimer(loop) { [unowned self] in
            isPausing = false
            write()
        }
    }

    deinit { hook?.cancel() }

    func add(_ key: AwardKey) {
        guard waiting.count < Self.limit else { return }
        waiting.append(key)
        hook?.request()
    }

    /// Calls `body` when nothing waits any more, or the first attempt has failed.
    func flush(_ body: @escaping () -> Void) {
        if waiting.isEmpty, !isWriting { return body() }
        whenIdle = body
    }

    /// The statement that marks these awards.
    static func query(_ keys: [AwardKey]) -> PostgresQuery {
        PostgresQuery(
            """
            UPDATE badge_awards AS a SET published_at = now()
            FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS w(merchant_id, customer_id, badge)
            WHERE a.merchant_id = w.merchant_id AND a.customer_id = w.customer_id AND a.badge = w.badge
                AND a.published_at IS NULL
            """
        ) { parameters in
            parameters.add(keys.map(\.merchant))
            parameters.add(keys.map(\.customer))
            parameters.add(keys.map(\.badge))
        }
    }

    private func write() {
        guard !waiting.isEmpty, !isWriting, !isPausing else { return }
        isWriting = true
        var lot: [AwardKey] = []
        lot.reserveCapacity(min(Self.batch, waiting.count))
        while lot.count < Self.batch, let key = waiting.popFirst() { lot.append(key) }
        lot.sort()
        postgres.run([Self.query(lot)]) { [self] answer in
            isWriting = false
            switch answer {
            case .success:
                pause.succeeded()
                if !waiting.isEmpty { return write() }
                idle()
            case .failure(let error):
                log.warning("publications could not be noted", [.error(error), .integer("awards", lot.count)])
                if waiting.count + lot.count <= Self.limit { for key in lot { waiting.append(key) } }
                isPausing = true
                timer?.start(afterNanoseconds: pause.failed())
                idle()
            }
        }
    }

    private func idle() {
        let body = whenIdle
        whenIdle = nil
        body?()
    }
}
