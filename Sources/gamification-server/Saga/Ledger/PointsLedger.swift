import Lifecycle
import Postgres

/// The points ledger in PostgreSQL, on a connection of its own. Blocking; it lives on the saga's thread.
final class PointsLedger {
    /// What came of an attempt.
    enum Outcome {
        case booked(Booking)
        /// An event takes a total beyond what is allowed; nothing was booked. Class 22 or 23.
        case refused
        /// The server is away, or this program may not write: nothing is known to be booked.
        case failed(PostgresError)
    }

    /// Batches that are tried again at once after a deadlock or a serialization failure.
    private static let conflictLimit = 5
    /// Merchants that are known to have a row; beyond, they are forgotten and inserted again.
    private static let merchantLimit = 50_000

    private let configuration: PostgresConfiguration
    private let patience: PostgresSession.Patience
    private var session: PostgresSession?
    private var knownMerchants: Set<PostgresUUID> = []
    private var parameters = PostgresParameters()

    /// Connects when it is first used. `patience` bounds each statement.
    init(_ configuration: PostgresConfiguration, patience: PostgresSession.Patience) {
        self.configuration = configuration
        self.patience = patience
    }

    /// Counts a batch in one transaction, committed synchronously. Safe to repeat, whatever became of the last attempt.
    ///
    /// - Parameter notesRepairs: the boards cannot be set now: their merchants are noted in the same transaction.
    func book(_ batch: PointsBatch, notesRepairs: Bool) -> Outcome {
        var conflicts = 0
        while true {
            do throws(PostgresError) {
                return .booked(try attempt(batch, notesRepairs: notesRepairs))
            } catch {
                if error.kind == .conflict, conflicts < Self.conflictLimit {
                    conflicts += 1
                    continue
                }
                return failure(error)
            }
        }
    }

    /// Notes merchants whose boards miss an update.
    func noteRepairs(_ merchants: [PostgresUUID]) -> PostgresError? {
        do throws(PostgresError) {
            parameters.removeAll()
            parameters.add(merchants)
            try connected().query(LedgerStatements.repairs, parameters)
            return nil
        } catch {
            _ = failure(error)
            return error
        }
    }

    /// Ends the connection.
    func close() {
        session?.close()
        session = nil
    }

    private func failure(_ error: PostgresError) -> Outcome {
        if error.endsConnection || error.kind == .cancelled { close() }
        let isRefusal = error.sqlState?.classCode == "22" || error.sqlState?.classCode == "23"
        return isRefusal ? .refused : .failed(error)
    }

    private func connected() throws(PostgresError) -> PostgresSession {
        if let session { return session }
        let session = try PostgresSession(configuration, timeout: .seconds(2), patience: patience)
        self.session = session
        return session
    }

    /// Statements sent together between two syncs are one transaction.
    private func attempt(_ batch: PointsBatch, notesRepairs: Bool) throws(PostgresError) -> Booking {
        let session = try connected()
        let merchants = Set(batch.parts.map(\.owner.merchant))
        let news = merchants.filter { !knownMerchants.contains($0) }
        if !news.isEmpty {
            parameters.removeAll()
            parameters.add(Array(news))
            try session.send(LedgerStatements.merchants, parameters)
        }
        bind(batch)
        try session.send(LedgerStatements.book, parameters, format: .binary)
        if notesRepairs {
            parameters.removeAll()
            parameters.add(Array(merchants))
            try session.send(LedgerStatements.repairs, parameters)
        }
        let results = try session.finish()
        if knownMerchants.count + news.count > Self.merchantLimit { knownMerchants = [] }
        knownMerchants.formUnion(news)
        guard let changed = results.dropFirst(news.isEmpty ? 0 : 1).first else {
            throw PostgresError(.other, "the server gave no answer")
        }
        return try standings(of: batch, changed, session)
    }

    private func bind(_ batch: PointsBatch) {
        parameters.removeAll()
        parameters.add(batch.events.map(\.id))
        parameters.add(batch.events.map(\.owner.merchant))
        parameters.add(batch.events.map(\.owner.customer))
        parameters.add(batch.events.map(\.points))
        parameters.add(batch.events.map(\.time))
        parameters.add(batch.parts.map(\.owner.merchant))
        parameters.add(batch.parts.map(\.owner.customer))
        parameters.add(batch.parts.map(\.lastDay))
        parameters.add(batch.parts.map(\.run))
    }

    /// The changed customers', and by a second statement those of the others: after a crash between commit and boards a
    /// redelivery changes nothing.
    private func standings(
        of batch: PointsBatch, _ changed: PostgresResult, _ session: PostgresSession
    ) throws(PostgresError) -> Booking {
        var found = [CustomerStanding?](repeating: nil, count: batch.parts.count)
        let known = Self.take(changed, batch, into: &found)
        let counted = changed.rowCount > 0 ? Int(changed.binaryInteger(0, 6) ?? 0) : 0
        if known < batch.parts.count {
            let others = batch.parts.indices.filter { found[$0] == nil }.map { batch.parts[$0].owner }
            parameters.removeAll()
            parameters.add(others.map(\.merchant))
            parameters.add(others.map(\.customer))
            let rest = try session.query(LedgerStatements.standings, parameters, format: .binary)
            _ = Self.take(rest, batch, into: &found)
        }
        return Booking(standings: found, counted: counted)
    }

    private static func take(
        _ result: PostgresResult, _ batch: PointsBatch, into found: inout [CustomerStanding?]
    ) -> Int {
        var count = 0
        for row in 0..<result.rowCount {
            guard let merchant = result.binaryUUID(row, 0), let customer = result.binaryUUID(row, 1),
                let place = batch.place(of: CustomerKey(merchant: merchant, customer: customer)),
                let points = result.binaryInteger(row, 2), let events = result.binaryInteger(row, 3),
                let streak = result.binaryInteger(row, 4), let version = result.binaryInteger(row, 5)
            else { continue }
            if found[place] == nil { count += 1 }
            found[place] = CustomerStanding(points: points, events: events, streak: streak, version: version)
        }
        return count
    }
}
