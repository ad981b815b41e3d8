import Postgres

/// One transaction of awards, in one round trip: merchants, rows with their marks, and the rows of those who lost.
final class AwardBatch {
    private let lot: [AwardRows.Wanted]
    let queries: [PostgresQuery]

    /// A sorted batch; of several that want one award only the first gets to write it.
    init(_ lot: [AwardRows.Wanted], newMerchants: [PostgresUUID]) {
        self.lot = lot
        let merchants = newMerchants.isEmpty ? [] : [Self.merchants(newMerchants)]
        queries = merchants + [Self.insert(lot), Self.existing(lot)]
    }

    /// Tells everyone what became of their row.
    func finish(_ results: [PostgresResult]) {
        let (inserted, existing) = (results[results.count - 2], results[results.count - 1])
        var outcomes = [AwardRows.Outcome?](repeating: nil, count: lot.count)
        for row in 0..<existing.rowCount {
            guard let place = Self.place(existing, row, lot.count), let award = Self.award(existing, row) else {
                continue
            }
            outcomes[place] = .existing(award)
        }
        for row in 0..<inserted.rowCount {
            guard let place = Self.place(inserted, row, lot.count), let award = Self.award(inserted, row) else {
                continue
            }
            outcomes[place] = .inserted(award)
        }
        var last: Award?
        for (place, wanted) in lot.enumerated() {
            // A batch has one row for each key: those that follow the first with the same key have lost to it.
            let isRepeat = place > 0 && lot[place - 1].key == wanted.key
            let outcome = outcomes[place] ?? (isRepeat ? last.map { .existing($0) } : nil)
            switch outcome {
            case .inserted(let award), .existing(let award): last = award
            case .failed, nil: last = nil
            }
            // No row at all: it was deleted between the two statements, which only a person can have done.
            wanted.completion(outcome ?? .failed(.unavailable(.postgres)))
        }
    }

    private static func place(_ result: PostgresResult, _ row: Int, _ count: Int) -> Int? {
        guard let number = result.binaryInteger(row, 0), (1...Int64(count)).contains(number) else { return nil }
        return Int(number) - 1
    }

    private static func award(_ result: PostgresResult, _ row: Int) -> Award? {
        guard let id = result.binaryUUID(row, 1), let locale = result.text(row, 2),
            let time = result.binaryInteger(row, 3)
        else { return nil }
        return Award(eventID: id, locale: locale, awardedAt: PostgresTime.milliseconds(time))
    }

    // MARK: Statements

    private static func merchants(_ merchants: [PostgresUUID]) -> PostgresQuery {
        PostgresQuery("INSERT INTO merchants (id) SELECT id FROM unnest($1::uuid[]) AS m(id) ON CONFLICT DO NOTHING") {
            $0.add(merchants)
        }
    }

    /// Only rows that were inserted come back, and only they get marks. The arrays are sorted; unnest keeps their order.
    private static func insert(_ lot: [AwardRows.Wanted]) -> PostgresQuery {
        PostgresQuery(
            """
            WITH wanted AS (
                SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::text[], $7::text[])
                    WITH ORDINALITY AS w(merchant_id, customer_id, badge, event_id, task_id, locale, trace_id, number)
            ), made AS (
                INSERT INTO badge_awards (merchant_id, customer_id, badge, event_id, locale, trace_id)
                SELECT merchant_id, customer_id, badge, event_id, locale, trace_id FROM wanted
                ON CONFLICT (merchant_id, customer_id, badge) DO NOTHING
                RETURNING merchant_id, event_id, locale, awarded_at
            ), first AS (
                SELECT min(number) AS number, event_id, min(task_id::text)::uuid AS task_id FROM wanted GROUP BY event_id
            ), marks AS (
                INSERT INTO processed_events (event_id, merchant_id, event_type, created_at)
                SELECT event_id, merchant_id, 'badge.awarded', awarded_at FROM made
                UNION ALL
                SELECT first.task_id, made.merchant_id, 'badge.task', made.awarded_at
                FROM made JOIN first USING (event_id)
                ON CONFLICT DO NOTHING
            )
            SELECT first.number::bigint, made.event_id, made.locale, made.awarded_at FROM made JOIN first USING (event_id)
            """
        ) { parameters in
            add(keys: lot, to: &parameters)
            parameters.add(lot.map(\.eventID))
            parameters.add(lot.map(\.taskID))
            parameters.add(lot.map(\.locale))
            parameters.add(lot.map(\.traceID))
        }
    }

    /// The rows that are not this transaction's own: a statement of its own, since the first does not see them.
    private static func existing(_ lot: [AwardRows.Wanted]) -> PostgresQuery {
        PostgresQuery(
            """
            SELECT w.number::bigint, a.event_id, a.locale, a.awarded_at
            FROM unnest($1::uuid[], $2::uuid[], $3::text[]) WITH ORDINALITY AS w(merchant_id, customer_id, badge, number)
            JOIN badge_awards AS a USING (merchant_id, customer_id, badge)
            WHERE a.xmin IS DISTINCT FROM pg_current_xact_id_if_assigned()::xid
            """
        ) { add(keys: lot, to: &$0) }
    }

    private static func add(keys lot: [AwardRows.Wanted], to parameters: inout PostgresParameters) {
        parameters.add(lot.map(\.key.merchant))
        parameters.add(lot.map(\.key.customer))
        parameters.add(lot.map(\.key.badge))
    }
}
