import Postgres

/// The SQL of what is swept. Batches are short, and skip rows that others have locked.
enum SweepStatements {
    /// Rows of a batch.
    static let batch = 1_000
    /// `gamification sweepers` (contracts, 5): one instance at a time holds this advisory lock while it sweeps.
    static let lockKey: Int64 = 0x7377_6565_7065_7273

    static let lock: PostgresStatement = "SELECT pg_try_advisory_lock($1)::integer"
    static let unlock: PostgresStatement = "SELECT pg_advisory_unlock($1)::integer"

    /// By the database's clock, once a pass: the times before which rows go. $1 hours for marks, $2 days for the ledger.
    static let cutoffs: PostgresStatement = """
        SELECT now() - make_interval(hours => $1::integer), now() - make_interval(days => $2::integer)
        """

    /// Deletes marks of events from before $1, $2 at most. The rows' count is how many.
    static let processedEvents: PostgresStatement = """
        DELETE FROM processed_events WHERE event_id IN (
            SELECT event_id FROM processed_events WHERE created_at < $1
            ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED)
        """

    /// Deletes ledger rows from before $1, $2 at most, and adds them to `swept` in the same statement, so that points are swept
    /// plus the ledger's sum at all times. Totals are locked in order, as whoever counts events locks them. One row: how many.
    static let ledger: PostgresStatement = """
        WITH gone AS (
            DELETE FROM points_ledger WHERE event_id IN (
                SELECT event_id FROM points_ledger WHERE created_at < $1
                ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED)
            RETURNING merchant_id, customer_id, points),
        sums AS (SELECT merchant_id, customer_id, sum(points) AS points FROM gone GROUP BY merchant_id, customer_id),
        locked AS (
            SELECT merchant_id, customer_id FROM customer_points
            WHERE (merchant_id, customer_id) IN (SELECT merchant_id, customer_id FROM sums)
            ORDER BY merchant_id, customer_id FOR UPDATE),
        added AS (
            UPDATE customer_points AS p SET swept = p.swept + sums.points FROM locked JOIN sums USING (merchant_id, customer_id)
            WHERE p.merchant_id = locked.merchant_id AND p.customer_id = locked.customer_id)
        SELECT count(*) FROM gone
        """
}
