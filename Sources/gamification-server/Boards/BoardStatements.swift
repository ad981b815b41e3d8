import Postgres

/// The boards' SQL.
enum BoardStatements {
    /// $1 merchant, $2 the customer after whom the page begins (NULL from the start), $3 rows: customer, points, version.
    static let totals: PostgresStatement = """
        SELECT customer_id, points, version FROM customer_points
        WHERE merchant_id = $1 AND ($2::uuid IS NULL OR customer_id > $2::uuid)
        ORDER BY customer_id LIMIT $3
        """

    /// $1 merchant.
    static let forgetRepair: PostgresStatement = "DELETE FROM board_repairs WHERE merchant_id = $1"

    /// $1 how many at most: the merchants that wait longest.
    static let repairs: PostgresStatement = "SELECT merchant_id FROM board_repairs ORDER BY noted_at LIMIT $1"

    /// Epoch, replication id, run id.
    static let epoch: PostgresStatement =
        "SELECT epoch, redis_replication_id, redis_run_id FROM leaderboard_epoch"

    /// Raises the epoch unless the ids are those that are known. $1 replication id, $2 run id. The epoch, if it was raised. The
    /// first ids ever seen raise it too: a board may have been filled by an earlier Redis.
    static let raiseIfChanged: PostgresStatement = """
        UPDATE leaderboard_epoch SET epoch = epoch + 1, redis_replication_id = $1::text, redis_run_id = $2::text, raised_at = now()
        WHERE (redis_replication_id, redis_run_id) IS DISTINCT FROM ($1::text, $2::text) RETURNING epoch
        """

    /// Raises the epoch: no board that was filled before is trusted. The epoch.
    static let raise: PostgresStatement =
        "UPDATE leaderboard_epoch SET epoch = epoch + 1, raised_at = now() RETURNING epoch"

    /// A page of a board without Redis. $1 merchant, $2 and $3 points and customer of the place after which it begins (NULL from
    /// the start), $4 rows: customer, points, rank, total, and whether it is the row asked for. One pass over the merchant's
    /// rows; there is no index by points, since every counted event would have to move in it.
    static let page: PostgresStatement = """
        SELECT customer_id, points, rank, total FROM (
            SELECT customer_id, points, rank() OVER (ORDER BY points DESC) AS rank, count(*) OVER () AS total
            FROM customer_points WHERE merchant_id = $1) AS board
        WHERE $2::bigint IS NULL OR points < $2 OR (points = $2 AND customer_id > $3::uuid)
        ORDER BY points DESC, customer_id LIMIT $4
        """

    /// The page in whose middle a customer is. $1 merchant, $2 customer, $3 rows: as ``page``, with the place from 1. No row if
    /// the customer has no points.
    static let around: PostgresStatement = """
        WITH board AS (
            SELECT customer_id, points, rank() OVER (ORDER BY points DESC) AS rank, count(*) OVER () AS total,
                row_number() OVER (ORDER BY points DESC, customer_id) AS place
            FROM customer_points WHERE merchant_id = $1),
        bounds AS (
            SELECT greatest(0, least(place - 1 - ($3::bigint - 1) / 2, total - $3)) AS start FROM board WHERE customer_id = $2)
        SELECT customer_id, points, rank, total, place FROM board, bounds
        WHERE place > start AND place <= start + $3 ORDER BY place
        """

    /// $1 merchant: customers on its board.
    static let count: PostgresStatement = "SELECT count(*) FROM customer_points WHERE merchant_id = $1"
}
