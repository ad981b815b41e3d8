import Postgres

/// What a run would delete, counted by the database.
struct Survey: Sendable, Equatable {
    /// Age classes in days, as in `Statements.survey`.
    static let ages = [
        "in the future", "below 30 days", "30 to 90 days", "90 to 180 days", "180 days to a year", "above a year",
    ]

    struct Line: Sendable, Equatable {
        let locale: String
        /// An index of `ages`.
        let age: Int
        let count: Int
    }

    var lines: [Line] = []

    /// Rows in all.
    var total: Int { lines.reduce(0) { $0 + $1.count } }

    /// Counts; takes as long as reading the index once.
    static func take(
        _ session: PostgresSession, _ selection: Selection, _ rules: PruneRules
    ) throws -> Survey {
        try session.unhurried { session in try lines(session, selection, rules) }
    }

    private static func lines(
        _ session: PostgresSession, _ selection: Selection, _ rules: PruneRules
    ) throws(PostgresError) -> Survey {
        var parameters = Survey.parameters(selection)
        parameters.add(rules.keepVersions.map { Int64($0) })
        if let cutoff = rules.cutoff { parameters.add(timestamp: cutoff) } else { parameters.add(nil as String?) }
        parameters.add(rules.includesCurrent)
        let rows = try session.query(Statements.survey, parameters)
        return Survey(
            lines: (0..<rows.rowCount).map { row in
                Line(
                    locale: rows.text(row, 0) ?? "", age: Int(rows.integer(row, 1) ?? 0),
                    count: Int(rows.integer(row, 2) ?? 0))
            })
    }

    /// Counts what would go, unless that takes longer than `time`; nil then, and where the server cannot be asked.
    static func count(
        _ session: PostgresSession, _ selection: Selection, _ rules: PruneRules, within time: Duration
    ) -> Int? {
        var parameters = PostgresParameters()
        parameters.add("\(time.components.seconds)s")
        guard (try? session.query(Statements.statementTimeout, parameters)) != nil else { return nil }
        return try? lines(session, selection, rules).total
    }

    /// Rows of the selection, whether they go or not.
    static func countRows(_ session: PostgresSession, _ selection: Selection) throws -> Int {
        let parameters = Survey.parameters(selection)
        let rows = try session.unhurried { session in
            try session.query(Statements.countRows, parameters)
        }
        return Int(rows.integer(0, 0) ?? 0)
    }

    private static func parameters(_ selection: Selection) -> PostgresParameters {
        var parameters = PostgresParameters()
        parameters.add(selection.locales)
        parameters.add(selection.like)
        parameters.add(selection.end)
        return parameters
    }
}
