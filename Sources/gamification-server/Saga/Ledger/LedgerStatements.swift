import Postgres

/// The SQL of the points ledger.
enum LedgerStatements {
    /// Merchants that were not seen before, for the rows that refer to them.
    static let merchants: PostgresStatement = """
        INSERT INTO merchants (id) SELECT id FROM unnest($1::uuid[]) AS t (id) ORDER BY id ON CONFLICT DO NOTHING
        """

    /// Counts what was not counted, in one statement: the ledger's rows in the order of their ids and the sums in that of
    /// their keys, so that two writers cannot deadlock. `$1` to `$5` are the events, `$6` to `$9` the customers, with the
    /// last day (since 1970) and the days in a row that lead to it. An event of a day before `last_day` changes no streak.
    ///
    /// Gives the changed customers, and in each row how many events were counted.
    static let book: PostgresStatement = """
        WITH added AS (
            INSERT INTO points_ledger (event_id, merchant_id, customer_id, points, created_at)
            SELECT event_id, merchant_id, customer_id, points, timestamptz 'epoch' + time * interval '1 millisecond'
            FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[])
                AS t (event_id, merchant_id, customer_id, points, time)
            ORDER BY event_id
            ON CONFLICT DO NOTHING
            RETURNING merchant_id, customer_id, points
        ), sums AS (
            SELECT merchant_id, customer_id, sum(points)::bigint AS points, count(*) AS events
            FROM added GROUP BY merchant_id, customer_id
        ), changed AS (
            INSERT INTO customer_points AS c
                (merchant_id, customer_id, points, events, last_day, streak, version)
            SELECT s.merchant_id, s.customer_id, s.points, s.events, date '1970-01-01' + d.day, d.run, 1
            FROM sums s JOIN unnest($6::uuid[], $7::uuid[], $8::integer[], $9::integer[])
                AS d (merchant_id, customer_id, day, run) USING (merchant_id, customer_id)
            ORDER BY s.merchant_id, s.customer_id
            ON CONFLICT (merchant_id, customer_id) DO UPDATE SET
                points = c.points + excluded.points,
                events = c.events + excluded.events,
                streak = CASE
                    WHEN c.last_day IS NULL THEN excluded.streak
                    WHEN excluded.last_day <= c.last_day THEN c.streak
                    WHEN excluded.last_day - excluded.streak <= c.last_day
                        THEN c.streak + (excluded.last_day - c.last_day)
                    ELSE excluded.streak END,
                last_day = greatest(c.last_day, excluded.last_day),
                version = c.version + 1
            RETURNING merchant_id, customer_id, points, events, streak, version
        )
        SELECT merchant_id, customer_id, points, events, streak, version, (SELECT count(*) FROM added) FROM changed
        """

    /// Where customers stand, whoever changed it last.
    static let standings: PostgresStatement = """
        SELECT c.merchant_id, c.customer_id, c.points, c.events, c.streak, c.version
        FROM unnest($1::uuid[], $2::uuid[]) AS d (merchant_id, customer_id)
            JOIN customer_points c USING (merchant_id, customer_id)
        """

    /// Notes merchants whose boards miss an update, in their order: two writers in different ones would lock each other out. A row
    /// that is there is written again, so that whoever fills the board, and deletes the row first, waits for this transaction.
    static let repairs: PostgresStatement = """
        INSERT INTO board_repairs (merchant_id, noted_at)
        SELECT id, clock_timestamp() FROM unnest($1::uuid[]) AS t (id) ORDER BY id
        ON CONFLICT (merchant_id) DO UPDATE SET noted_at = excluded.noted_at
        """
}
