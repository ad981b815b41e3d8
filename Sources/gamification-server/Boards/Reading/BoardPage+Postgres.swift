import Postgres

extension BoardStatements {
    /// The values of ``page``: one row more than the page has, which says whether more follows.
    static func pageParameters(merchant: PostgresUUID, after place: BoardPlace?, size: Int) -> PostgresParameters {
        var parameters = PostgresParameters()
        parameters.add(merchant)
        parameters.add(place?.points)
        parameters.add(place?.customer)
        parameters.add(Int64(size + 1))
        return parameters
    }

    /// The values of ``around``.
    static func aroundParameters(merchant: PostgresUUID, customer: PostgresUUID, size: Int) -> PostgresParameters {
        var parameters = PostgresParameters()
        parameters.add(merchant)
        parameters.add(customer)
        parameters.add(Int64(size))
        return parameters
    }

    /// The values of ``totals``.
    static func totalsParameters(merchant: PostgresUUID, after customer: String?, rows: Int) -> PostgresParameters {
        var parameters = PostgresParameters()
        parameters.add(merchant)
        parameters.add(customer)
        parameters.add(Int64(rows))
        return parameters
    }

    /// The rows of ``totals`` in binary form.
    static func totals(_ result: PostgresResult) -> [BoardTotal] {
        (0..<result.rowCount).compactMap { row in
            guard let customer = result.binaryUUID(row, 0), let points = result.binaryInteger(row, 1),
                let version = result.binaryInteger(row, 2)
            else { return nil }
            return BoardTotal(customer: customer.description, points: points, version: version)
        }
    }
}

extension BoardPage {
    /// The rows of ``BoardStatements/page`` in binary form; `count` is the one of ``BoardStatements/count``, for a page without
    /// rows.
    init(page result: PostgresResult, size: Int, count: Int64) {
        let entries = Self.entries(result)
        self.init(
            entries: Array(entries.prefix(size)), total: result.binaryInteger(0, 3) ?? count,
            hasMore: entries.count > size)
    }

    /// The rows of ``BoardStatements/around`` in binary form; nil if the customer has no points.
    init?(around result: PostgresResult) {
        let last = result.rowCount - 1
        guard let total = result.binaryInteger(0, 3), let place = result.binaryInteger(last, 4) else { return nil }
        self.init(entries: Self.entries(result), total: total, hasMore: place < total)
    }

    private static func entries(_ result: PostgresResult) -> [Entry] {
        (0..<result.rowCount).compactMap { row in
            guard let customer = result.binaryUUID(row, 0), let points = result.binaryInteger(row, 1),
                let rank = result.binaryInteger(row, 2)
            else { return nil }
            return Entry(customer: customer.description, points: points, rank: rank)
        }
    }
}
