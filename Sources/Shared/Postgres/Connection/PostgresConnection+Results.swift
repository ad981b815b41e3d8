import CLibPQ
import Lifecycle

extension PostgresConnection {
    /// Turns what the server has answered into events.
    func drain() {
        var idle = 0
        while let raw, let expected = expectations.first, PQisBusy(raw) == 0, idle < 2 {
            if case .script = expected {
                guard drainExclusive(raw) else { return }
                continue
            }
            guard let answer = PQgetResult(raw) else {
                // NULL ends the answer to one statement; a second one in a row says that there is nothing more.
                idle += 1
                if hasResult {
                    hasResult = false
                    _ = expectations.popFirst()
                }
                continue
            }
            idle = 0
            settle(ResultHandle(answer), expected)
        }
        if let raw, PQstatus(raw) == CONNECTION_BAD { lose(raw) }
    }

    private func settle(_ result: consuming ResultHandle, _ expected: Expectation) {
        let status = PQresultStatus(result.raw)
        if status == PGRES_PIPELINE_SYNC {
            guard case .sync(let ticket) = expected else { return }
            _ = expectations.popFirst()
            preparationError = nil
            events.append(.synced(ticket))
            return
        }
        hasResult = true
        switch expected {
        case .preparation(let statement):
            statements.settle(statement, isPrepared: status == PGRES_COMMAND_OK)
            if status == PGRES_FATAL_ERROR { preparationError = PostgresError(result: result) }
        case .statement(let ticket):
            events.append(event(ticket, result, status))
        case .sync, .script:
            break
        }
    }

    private func event(
        _ ticket: PostgresTicket, _ result: consuming ResultHandle, _ status: ExecStatusType
    ) -> PostgresEvent {
        defer { preparationError = nil }
        switch status {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
            return .result(ticket, PostgresResult(result))
        case PGRES_PIPELINE_ABORTED:
            let skipped = PostgresError(.skipped, "not carried out: a statement before it failed")
            return .failure(ticket, preparationError ?? skipped)
        default:
            return .failure(ticket, PostgresError(result: result))
        }
    }

    // MARK: - The end

    /// The connection broke: what the server still said is taken first, since it may name the cause.
    func lose(_ raw: OpaquePointer) {
        var cause: PostgresError?
        for _ in 0..<Self.limit {
            // Busy, it would wait for the network.
            guard PQisBusy(raw) == 0, let answer = PQgetResult(raw) else { break }
            let result = ResultHandle(answer)
            guard PQresultStatus(result.raw) == PGRES_FATAL_ERROR else { continue }
            let error = PostgresError(result: result)
            if cause?.sqlState == nil { cause = error }
        }
        fail(asLoss(cause ?? PostgresError(.connectionLost, PostgresError.line(PQerrorMessage(raw)))))
    }

    /// The same, for a caller who throws it.
    func lost(_ raw: OpaquePointer) -> PostgresError {
        let error = PostgresError(.connectionLost, PostgresError.line(PQerrorMessage(raw)))
        fail(error)
        return error
    }

    private func asLoss(_ error: PostgresError) -> PostgresError {
        var error = error
        if !error.endsConnection { error.kind = .connectionLost }
        if error.reason.isEmpty { error.reason = "the connection to the server broke" }
        return error
    }

    /// Ends the connection; everything under way fails with `error`.
    func fail(_ error: PostgresError) {
        guard handle != nil else { return }
        phase = .closed
        while let expected = expectations.popFirst() {
            switch expected {
            case .statement(let ticket), .sync(let ticket), .script(let ticket):
                events.append(.failure(ticket, error))
            case .preparation: break
            }
        }
        exclusive = nil
        events.append(.closed(error))
        handle = nil
    }
}
