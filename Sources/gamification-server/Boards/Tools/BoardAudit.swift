import Postgres

/// Compares totals with what they are made of: points = swept + the ledger's sum, at all times.
enum BoardAudit {
    /// Differences that are listed; all are counted.
    static let listed = 1_000

    /// $1 the merchant after whom the list begins (NULL from the start). Skips from merchant to merchant in the primary key.
    static let merchants: PostgresStatement = """
        WITH RECURSIVE found (merchant_id) AS (
            (SELECT merchant_id FROM customer_points WHERE $1::uuid IS NULL OR merchant_id > $1::uuid
                ORDER BY merchant_id LIMIT 1)
            UNION ALL
            SELECT (SELECT p.merchant_id FROM customer_points AS p WHERE p.merchant_id > found.merchant_id
                ORDER BY p.merchant_id LIMIT 1)
            FROM found WHERE found.merchant_id IS NOT NULL)
        SELECT merchant_id FROM found WHERE merchant_id IS NOT NULL LIMIT 1000
        """

    /// $1 merchant (NULL: all), $2 rows: merchant, customer, points, swept, ledger's sum, and how many rows there are in all. One
    /// statement, so one snapshot: updates that go on are in all of it or in nothing. Reads the whole ledger.
    static let differences: PostgresStatement = """
        WITH ledger AS (
            SELECT merchant_id, customer_id, sum(points)::bigint AS sum FROM points_ledger
            WHERE $1::uuid IS NULL OR merchant_id = $1::uuid GROUP BY merchant_id, customer_id),
        totals AS (SELECT * FROM customer_points WHERE $1::uuid IS NULL OR merchant_id = $1::uuid)
        SELECT merchant_id, customer_id, coalesce(points, 0), coalesce(swept, 0), coalesce(sum, 0), count(*) OVER ()
        FROM totals FULL JOIN ledger USING (merchant_id, customer_id)
        WHERE points IS DISTINCT FROM coalesce(swept, 0) + coalesce(sum, 0)
        ORDER BY merchant_id, customer_id LIMIT $2
        """

    /// $1 merchants, $2 customers, pairs in order: locks their totals, so that no event is added and none swept meanwhile.
    static let lock: PostgresStatement = """
        SELECT 1 FROM customer_points AS p JOIN unnest($1::uuid[], $2::uuid[]) AS wanted (merchant_id, customer_id)
            USING (merchant_id, customer_id)
        ORDER BY p.merchant_id, p.customer_id FOR UPDATE OF p
        """

    /// The same parameters: makes the totals what they are made of. How many changed is the rows' count.
    static let mend: PostgresStatement = """
        UPDATE customer_points AS p SET points = p.swept + right_sum.sum, version = p.version + 1
        FROM (
            SELECT wanted.merchant_id, wanted.customer_id, coalesce(sum(l.points), 0)::bigint AS sum
            FROM unnest($1::uuid[], $2::uuid[]) AS wanted (merchant_id, customer_id)
            LEFT JOIN points_ledger AS l USING (merchant_id, customer_id) GROUP BY 1, 2) AS right_sum
        WHERE p.merchant_id = right_sum.merchant_id AND p.customer_id = right_sum.customer_id
            AND p.points <> p.swept + right_sum.sum
        """

    /// The same parameters: gives those a row who have events in the ledger alone.
    static let insertMissing: PostgresStatement = """
        INSERT INTO customer_points (merchant_id, customer_id)
        SELECT merchant_id, customer_id FROM unnest($1::uuid[], $2::uuid[]) AS wanted (merchant_id, customer_id)
        ORDER BY 1, 2 ON CONFLICT DO NOTHING
        """

    /// A total that is not what it is made of.
    struct Difference: Sendable, Equatable {
        let merchant: PostgresUUID
        let customer: PostgresUUID
        let points: Int64
        let swept: Int64
        let ledger: Int64
    }

    /// The differences of one merchant (nil: of all), the first 1,000 of them, and how many there are.
    static func find(
        _ session: PostgresSession, _ merchant: PostgresUUID?
    ) throws(PostgresError) -> (listed: [Difference], count: Int) {
        var parameters = PostgresParameters()
        parameters.add(merchant?.description)
        parameters.add(Int64(listed))
        let result = try session.query(differences, parameters, format: .binary)
        let found = (0..<result.rowCount).compactMap { row -> Difference? in
            guard let merchant = result.binaryUUID(row, 0), let customer = result.binaryUUID(row, 1) else { return nil }
            return Difference(
                merchant: merchant, customer: customer, points: result.binaryInteger(row, 2) ?? 0,
                swept: result.binaryInteger(row, 3) ?? 0, ledger: result.binaryInteger(row, 4) ?? 0)
        }
        return (found, Int(result.binaryInteger(0, 5) ?? 0))
    }

    /// Mends these, in one transaction; how many it changed.
    static func mend(_ session: PostgresSession, _ differences: [Difference]) throws(PostgresError) -> Int {
        guard !differences.isEmpty else { return 0 }
        var parameters = PostgresParameters()
        parameters.add(differences.map(\.merchant))
        parameters.add(differences.map(\.customer))
        try session.query("BEGIN")
        do {
            try session.query(insertMissing, parameters)
            // By itself, so that the next statement sees what was committed before the locks were had.
            try session.query(lock, parameters)
            let count = try session.query(mend, parameters).affectedRows
            try session.query("COMMIT")
            return count
        } catch {
            if !error.endsConnection { try session.query("ROLLBACK") }
            throw error
        }
    }
}
