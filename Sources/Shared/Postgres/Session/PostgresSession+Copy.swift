import Lifecycle

extension PostgresSession {
    /// Runs a `COPY … FROM STDIN`. `next` fills the buffer with the data's next piece, in the form that the statement
    /// names; an empty piece ends them. What it throws undoes the COPY.
    /// - Returns: the rows copied.
    @discardableResult
    package func copyIn(
        _ statement: PostgresStatement, next: (inout [UInt8]) throws -> Void
    ) throws -> Int {
        let ticket = try connection.copyIn(statement)
        var failure: PostgresError?
        try wait { event in
            if case .failure(ticket, let error) = event { failure = error }
            if case .copyReady(ticket) = event { return true }
            return failure != nil
        }
        if let failure { throw failure }
        var piece: [UInt8] = []
        do {
            repeat {
                piece.removeAll(keepingCapacity: true)
                try next(&piece)
                try connection.put(piece)
                try untilFlushed()
            } while !piece.isEmpty
        } catch let error as PostgresError {
            throw error
        } catch {
            try connection.endCopy(failing: "the data could not be read")
            _ = try? answer(to: ticket)
            throw error
        }
        try connection.endCopy()
        return try answer(to: ticket).affectedRows
    }

    /// Runs a `COPY … TO STDOUT` and hands each row, as the server sends it, to `row`.
    package func copyOut(
        _ statement: PostgresStatement, row: @escaping (UnsafeRawBufferPointer) -> Void
    ) throws(PostgresError) {
        _ = try answer(to: try connection.copyOut(statement, row: row))
    }

    /// Waits until the network has taken what was put, so that memory stays bounded.
    private func untilFlushed() throws(PostgresError) {
        let deadline = MonotonicInstant.now().advanced(by: patience.answer)
        while !connection.isFlushed {
            guard MonotonicInstant.now() < deadline else {
                connection.close()
                throw PostgresError(.timedOut, "\(target): the server takes no more data")
            }
            guard connection.descriptor >= 0 else { break }
            let ready = DescriptorWait.wait(connection.descriptor, for: connection.interest, until: deadline)
            connection.advance(ready)
        }
    }
}
