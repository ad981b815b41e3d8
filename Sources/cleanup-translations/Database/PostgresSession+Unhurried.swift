import Postgres

extension PostgresSession {
    /// Runs `body` without the batches' time-out, which is for statements that hold locks others wait for, and with all
    /// the time that this side gives a statement.
    func unhurried<Value>(_ body: (PostgresSession) throws -> Value) throws -> Value {
        let before = try query("SHOW statement_timeout").text(0, 0) ?? "0"
        let patience = patience.answer
        try setTimeout("0")
        self.patience.answer = .seconds(86_400)
        defer { self.patience.answer = patience }
        let value = try body(self)
        try setTimeout(before)
        return value
    }

    private func setTimeout(_ text: String) throws(PostgresError) {
        var parameters = PostgresParameters()
        parameters.add(text)
        try query(Statements.statementTimeout, parameters)
    }
}
