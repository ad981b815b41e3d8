import EventLoop
import Kafka
import Lifecycle
import Observability
import Postgres

/// Publishes what a crash, or a Kafka that was away, left: rows older than 30 s by the database's clock, locked so that two
/// instances never take the same. The records are byte for byte those of the call (contracts, section 5).
final class OutboxSweeper {
    private static let interval: Int64 = 5_000_000_000
    /// Rows taken at a time.
    private static let batch: Int64 = 500
    /// Rows that are counted beyond the limit of the backlog.
    private static let countMargin: Int64 = 1

    private unowned let context: ServerContext
    private let publisher: AwardPublisher
    private let published: Counter
    private var timer: LoopTimer?
    private var isRunning = false
    private var whenIdle: (() -> Void)?
    private var isStopped = false
    /// Awards that wait for Kafka, as of the last look, and those that this instance has added since.
    private(set) var backlog = 0

    init(_ context: ServerContext, _ publisher: AwardPublisher) throws(EventLoopError) {
        self.context = context
        self.publisher = publisher
        published = context.metrics.published.with("sweeper")
        timer = try LoopTimer(context.loop) { [unowned self] in sweep() }
        timer?.start(afterNanoseconds: 1_000_000_000)
    }

    /// Whether no more awards are taken.
    var isFull: Bool { backlog >= context.options.backlogLimit }

    /// An award went on without Kafka.
    func noteUnpublished() { backlog += 1 }

    /// Sweeps no more, and calls `body` when what is under way has ended.
    func stop(_ body: @escaping () -> Void) {
        isStopped = true
        timer?.cancel()
        if isRunning { whenIdle = body } else { body() }
    }

    private func sweep() {
        guard !isRunning, !isStopped else { return }
        isRunning = true
        count()
        context.postgres.lease { [self] lease in
            switch lease {
            case .failure: end(again: false)
            case .success(let lease): take(lease)
            }
        }
    }

    /// How many wait: a look at an index that is empty as long as Kafka is there.
    private func count() {
        let limit = Int64(context.options.backlogLimit) + Self.countMargin
        let query = PostgresQuery(
            """
            SELECT count(*)::bigint FROM
                (SELECT 1 FROM badge_awards WHERE published_at IS NULL LIMIT $1::bigint) AS waiting
            """
        ) { $0.add(limit) }
        context.postgres.run([query]) { [weak self] answer in
            guard let self, case .success(let results) = answer, let number = results.first?.binaryInteger(0, 0) else {
                return
            }
            backlog = Int(number)
            context.metrics.backlog.set(Double(number))
        }
    }

    private func take(_ lease: PostgresLease) {
        // While Kafka is away one row finds out whether it is back.
        let limit = publisher.isAway ? 1 : Self.batch
        let select = PostgresQuery(
            """
            SELECT merchant_id, customer_id, badge, event_id, locale, awarded_at, trace_id FROM badge_awards
            WHERE published_at IS NULL AND awarded_at < now() - interval '30 seconds'
            ORDER BY awarded_at LIMIT $1::bigint FOR UPDATE SKIP LOCKED
            """
        ) { $0.add(limit) }
        lease.run([PostgresQuery("BEGIN"), select]) { [self] answer in
            guard case .success(let results) = answer, results.count == 2 else { return finish(lease, commit: false) }
            publish(Self.rows(results[1]), lease)
        }
    }

    private func publish(_ rows: [(AwardKey, AwardEvents.Row)], _ lease: PostgresLease) {
        var (left, done): (Int, [AwardKey]) = (rows.count, [])
        let next: () -> Void = { [self] in
            left -= 1
            if left == 0 { mark(done, lease, isFull: rows.count == Int(Self.batch)) }
        }
        guard left > 0 else { return finish(lease, commit: false) }
        for (key, row) in rows {
            let isTaken = publisher.publish(row) { isAcknowledged in
                if isAcknowledged { done.append(key) }
                next()
            }
            if !isTaken { next() }
        }
    }

    private func mark(_ keys: [AwardKey], _ lease: PostgresLease, isFull: Bool) {
        guard !keys.isEmpty else { return finish(lease, commit: false) }
        lease.run([PublishedMarks.query(keys.sorted())]) { [self] answer in
            guard case .success = answer else { return finish(lease, commit: false) }
            published.add(keys.count)
            context.log.info("published awards that were left", [.integer("awards", keys.count)])
            finish(lease, commit: true, again: isFull)
        }
    }

    private func finish(_ lease: PostgresLease, commit: Bool, again: Bool = false) {
        lease.run([PostgresQuery(commit ? "COMMIT" : "ROLLBACK")]) { [self] _ in
            lease.end()
            end(again: again)
        }
    }

    private func end(again: Bool) {
        isRunning = false
        if let body = whenIdle {
            whenIdle = nil
            return body()
        }
        // Two instances that began together shall not stay together.
        let pause = Self.interval / 2 + Int64.random(in: 0...Self.interval)
        if !isStopped { timer?.start(afterNanoseconds: again ? 0 : pause) }
    }

    private static func rows(_ result: PostgresResult) -> [(AwardKey, AwardEvents.Row)] {
        (0..<result.rowCount).compactMap { row in
            guard let merchant = result.binaryUUID(row, 0), let customer = result.binaryUUID(row, 1),
                let badge = result.text(row, 2), let eventID = result.binaryUUID(row, 3),
                let locale = result.text(row, 4),
                let time = result.binaryInteger(row, 5)
            else { return nil }
            let (merchantText, customerText) = (merchant.description, customer.description)
            return (
                AwardKey(merchant: merchant, customer: customer, badge: badge),
                AwardEvents.Row(
                    merchant: merchantText, customer: customerText, badge: badge, eventID: eventID,
                    taskID: EventIDs.task(merchant: merchantText, customer: customerText, badge: badge), locale: locale,
                    awardedAt: PostgresTime.milliseconds(time), traceID: result.text(row, 6))
            )
        }
    }
}
