import CLibPQ
import Lifecycle

extension PostgresConnection {
    /// Work for which the connection leaves the pipeline mode: nothing else may be under way.
    enum Exclusive {
        case script
        case copyIn(isReady: Bool)
        case copyOut((UnsafeRawBufferPointer) -> Void)
    }

    /// Runs a script of any number of statements, as one transaction unless it holds BEGIN and COMMIT of its own.
    package func run(_ script: PostgresScript) throws(PostgresError) -> PostgresTicket {
        try begin(script.text, .script)
    }

    /// Begins a `COPY … FROM STDIN`: wait for ``PostgresEvent/copyReady(_:)``, then ``put(_:)`` the data and
    /// ``endCopy(failing:)``.
    package func copyIn(_ statement: PostgresStatement) throws(PostgresError) -> PostgresTicket {
        try begin(statement.text, .copyIn(isReady: false))
    }

    /// Runs a `COPY … TO STDOUT`; each row's bytes go to `row` as they come, from within ``advance(_:)``.
    package func copyOut(
        _ statement: PostgresStatement, row: @escaping (UnsafeRawBufferPointer) -> Void
    ) throws(PostgresError) -> PostgresTicket {
        try begin(statement.text, .copyOut(row))
    }

    /// Adds data of a COPY. Call it only when ``isFlushed``: what the network does not take is kept in memory.
    package func put(_ bytes: [UInt8]) throws(PostgresError) {
        guard case .copyIn(isReady: true) = exclusive, let raw else {
            throw PostgresError(.connectionLost, "no COPY takes data")
        }
        guard !bytes.isEmpty else { return }
        let isTaken = bytes.withUnsafeBytes { bytes in
            let base = bytes.assumingMemoryBound(to: CChar.self).baseAddress
            return bytes.count <= Int(Int32.max) && PQputCopyData(raw, base, Int32(bytes.count)) == 1
        }
        guard isTaken else { throw lost(raw) }
        flush(raw)
    }

    /// Ends the data of a COPY; with `failing` the server undoes it and reports that reason.
    package func endCopy(failing reason: String? = nil) throws(PostgresError) {
        guard case .copyIn(isReady: true) = exclusive, let raw else {
            throw PostgresError(.connectionLost, "no COPY takes data")
        }
        exclusive = .copyIn(isReady: false)
        guard PQputCopyEnd(raw, reason) == 1 else { throw lost(raw) }
        flush(raw)
    }

    /// Whether the network has taken everything that was sent.
    package var isFlushed: Bool { !mustFlush }

    private func begin(_ text: String, _ work: Exclusive) throws(PostgresError) -> PostgresTicket {
        let raw = try usable()
        guard expectations.isEmpty else {
            throw PostgresError(.limit, "a script or COPY needs the connection to itself")
        }
        guard PQexitPipelineMode(raw) == 1, PQsendQuery(raw, text) == 1 else { throw lost(raw) }
        exclusive = work
        let ticket = nextTicket()
        expectations.append(.script(ticket))
        flush(raw)
        return ticket
    }

    /// Takes one step of the answer to exclusive work; false when nothing can be taken now.
    func drainExclusive(_ raw: OpaquePointer) -> Bool {
        guard case .script(let ticket) = expectations.first else { return false }
        guard let answer = PQgetResult(raw) else {
            endExclusive(raw, ticket)
            return true
        }
        let result = ResultHandle(answer)
        switch PQresultStatus(result.raw) {
        case PGRES_COPY_IN:
            if case .copyIn = exclusive {
                if exclusiveError == nil, !hasAskedForData {
                    hasAskedForData = true
                    exclusive = .copyIn(isReady: true)
                    events.append(.copyReady(ticket))
                }
            } else {
                PQputCopyEnd(raw, "this statement may not COPY from the client")
                flush(raw)
            }
            return false
        case PGRES_COPY_OUT: return drainCopy(raw)
        case PGRES_FATAL_ERROR:
            if exclusiveError == nil { exclusiveError = PostgresError(result: result) }
        default:
            exclusiveResult = PostgresResult(result)
        }
        return true
    }

    /// Hands on the rows of a COPY that have come; false when there are no more now.
    private func drainCopy(_ raw: OpaquePointer) -> Bool {
        while true {
            var row: UnsafeMutablePointer<CChar>?
            let count = PQgetCopyData(raw, &row, 1)
            guard count > 0, let row else { return count < 0 }
            if case .copyOut(let body) = exclusive { body(UnsafeRawBufferPointer(start: row, count: Int(count))) }
            PQfreemem(row)
        }
    }

    private func endExclusive(_ raw: OpaquePointer, _ ticket: PostgresTicket) {
        _ = expectations.popFirst()
        let (error, result) = (exclusiveError, exclusiveResult)
        (exclusive, exclusiveError, exclusiveResult, hasAskedForData) = (nil, nil, nil, false)
        if let error {
            events.append(.failure(ticket, error))
        } else if let result {
            events.append(.result(ticket, result))
        } else {
            events.append(.failure(ticket, PostgresError(.other, "the server gave no answer")))
        }
        guard PQstatus(raw) == CONNECTION_OK, PQenterPipelineMode(raw) == 1 else { return lose(raw) }
    }
}
