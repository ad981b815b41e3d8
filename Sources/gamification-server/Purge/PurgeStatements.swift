import Postgres

/// The SQL of purges (contracts, 7).
enum PurgeStatements {
    /// Rows of a batch.
    static let batch = 1_000

    /// Asks for a purge, or joins the merchant's unfinished one. $1 event id, $2 merchant, $3 trace id: event id, merchant,
    /// requested at, trace id, purged.
    static let request: PostgresStatement = """
        INSERT INTO purge_requests (event_id, merchant_id, trace_id) VALUES ($1, $2, $3)
        ON CONFLICT (merchant_id) WHERE done_at IS NULL DO UPDATE SET merchant_id = excluded.merchant_id
        RETURNING event_id, merchant_id, requested_at, trace_id, purged
        """

    /// The oldest unfinished request that nobody has had the time for: older than $1 seconds by the database's clock.
    static let unfinished: PostgresStatement = """
        SELECT event_id, merchant_id, requested_at, trace_id, purged FROM purge_requests
        WHERE done_at IS NULL AND requested_at < now() - make_interval(secs => $1::integer)
        ORDER BY requested_at LIMIT 1
        """

    /// Deletes a batch of the merchant's marks and adds them to the request. $1 merchant, $2 requested at, $3 event id, $4 rows:
    /// how many, and how many in all.
    static let deleteBatch: PostgresStatement = """
        WITH gone AS (
            DELETE FROM processed_events WHERE event_id IN (
                SELECT event_id FROM processed_events WHERE merchant_id = $1 AND created_at <= $2 LIMIT $4 FOR UPDATE)
            RETURNING 1)
        UPDATE purge_requests SET purged = purged + (SELECT count(*) FROM gone) WHERE event_id = $3
        RETURNING (SELECT count(*) FROM gone), purged
        """

    /// Takes the trace ids from a page of the merchant's published awards. $1 merchant, $2 requested at, $3 and $4 customer and
    /// badge after which the page begins, $5 rows. The last customer and badge of the page; no row when there is none.
    static let clearPage: PostgresStatement = """
        WITH page AS (
            SELECT customer_id, badge FROM badge_awards WHERE merchant_id = $1 AND (customer_id, badge) > ($3, $4)
            ORDER BY customer_id, badge LIMIT $5),
        cleared AS (
            UPDATE badge_awards AS a SET trace_id = NULL FROM page
            WHERE a.merchant_id = $1 AND a.customer_id = page.customer_id AND a.badge = page.badge
                AND a.awarded_at <= $2 AND a.published_at IS NOT NULL AND a.trace_id IS NOT NULL)
        SELECT customer_id, badge FROM page ORDER BY customer_id DESC, badge DESC LIMIT 1
        """

    /// Kafka has acknowledged the request for the archive. $1 event id.
    static let finish: PostgresStatement = """
        UPDATE purge_requests SET published_at = coalesce(published_at, now()), done_at = coalesce(done_at, now())
        WHERE event_id = $1
        """
}

/// A row of `purge_requests`.
struct PurgeRequest: Sendable, Equatable {
    let eventID: PostgresUUID
    let merchant: PostgresUUID
    /// Microseconds since 2000-01-01, as the database keeps it.
    let requestedAt: Int64
    let traceID: String?
    var purged: Int64

    /// Milliseconds since 1970.
    var requestedMilliseconds: Int64 { PostgresTime.milliseconds(requestedAt) }

    /// The first row of a result in binary form; nil if there is none.
    init?(_ result: PostgresResult) {
        guard let eventID = result.binaryUUID(0, 0), let merchant = result.binaryUUID(0, 1),
            let requestedAt = result.binaryInteger(0, 2), let purged = result.binaryInteger(0, 4)
        else { return nil }
        self.eventID = eventID
        self.merchant = merchant
        self.requestedAt = requestedAt
        traceID = result.text(0, 3)
        self.purged = purged
    }
}
