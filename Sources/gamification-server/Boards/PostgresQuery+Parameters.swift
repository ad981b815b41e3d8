import Postgres

extension PostgresQuery {
    /// A statement with values that are there already.
    init(_ statement: PostgresStatement, _ parameters: PostgresParameters) {
        self.init(statement) { $0 = parameters }
    }
}
