import Postgres
import TestSupport
import Testing

@testable import gamification_server

@Suite("Points ledger", ScratchPostgres.requirement, .blocking)
struct LedgerTests {
    private static let day: Int64 = 86_400_000
    private static let start: Int64 = 1_760_000_000_000 / day * day

    private func event(_ id: UInt64, _ customer: UInt64, _ points: Int64, day: Int64 = 0) -> PointsEvent {
        PointsEvent(
            id: PostgresUUID(high: 1, low: id),
            owner: CustomerKey(
                merchant: PostgresUUID(high: 2, low: customer % 2), customer: PostgresUUID(high: 3, low: customer)),
            points: points, time: Self.start + day * Self.day + 5)
    }

    private func booked(_ ledger: PointsLedger, _ events: [PointsEvent], repairs: Bool = false) throws -> Booking {
        guard case .booked(let booking) = ledger.book(PointsBatch(events), notesRepairs: repairs) else {
            throw TestFailure("not booked")
        }
        return booking
    }

    @Test("An event is counted once, however often it comes, and everybody's standing is told")
    func once() async throws {
        let database = try await LedgerDatabase()
        let ledger = try database.ledger()
        let first = try booked(ledger, [event(1, 1, 5), event(2, 1, 7), event(1, 1, 5), event(3, 2, 1)])
        #expect(first.counted == 3)
        #expect(
            first.standings == [
                CustomerStanding(points: 12, events: 2, streak: 1, version: 1),
                CustomerStanding(points: 1, events: 1, streak: 1, version: 1),
            ])
        let second = try booked(ledger, [event(2, 1, 7), event(4, 2, 3)])
        #expect(second.counted == 1)
        #expect(
            second.standings == [
                CustomerStanding(points: 12, events: 2, streak: 1, version: 1),
                CustomerStanding(points: 4, events: 2, streak: 1, version: 2),
            ])
        let third = try booked(ledger, [event(2, 1, 7)])
        #expect(third.counted == 0 && third.standings.first??.points == 12)
        #expect(try await database.psql("SELECT count(*) FROM merchants") == "2")
    }

    @Test("An id that was counted for one customer counts nothing for another")
    func stolenID() async throws {
        let ledger = try await LedgerDatabase().ledger()
        _ = try booked(ledger, [event(1, 1, 5)])
        let other = try booked(ledger, [event(1, 4, 9)])
        #expect(other.counted == 0 && other.standings == [nil])
    }

    @Test("Days in a row are counted across batches and within them; older days change nothing")
    func streaks() async throws {
        let ledger = try await LedgerDatabase().ledger()
        func streak(_ id: UInt64, days: [Int64]) throws -> Int64? {
            let events = days.enumerated().map { event(id * 10 + UInt64($0.offset), 1, 1, day: $0.element) }
            return try booked(ledger, events).standings.first??.streak
        }
        #expect(try streak(1, days: [10]) == 1)
        #expect(try streak(2, days: [10]) == 1)
        #expect(try streak(3, days: [12, 11]) == 3)
        #expect(try streak(4, days: [5, 6, 7, 8]) == 3)
        #expect(try streak(5, days: [11, 12, 13]) == 4)
        #expect(try streak(6, days: [15]) == 1)
        #expect(try streak(7, days: [18, 20, 19, 16]) == 3)
        #expect(try streak(8, days: [14, 15, 21, 20, 22]) == 5)
    }

    @Test("A total beyond 2^53 - 1 refuses the batch whole")
    func limit() async throws {
        let database = try await LedgerDatabase()
        let ledger = try database.ledger()
        _ = try booked(ledger, [event(1, 1, PointsLimit.total - 1)])
        for points in [2, PointsLimit.total] as [Int64] {
            guard case .refused = ledger.book(PointsBatch([event(2, 1, points), event(3, 2, 1)]), notesRepairs: false)
            else { throw TestFailure("not refused") }
        }
        #expect(try booked(ledger, [event(4, 1, 1)]).standings.first??.points == PointsLimit.total)
        #expect(try await database.psql("SELECT count(*) FROM points_ledger") == "2")
    }

    @Test("Merchants whose boards cannot be set are noted in the same transaction, a repeat with a later time")
    func repairs() async throws {
        let database = try await LedgerDatabase()
        let ledger = try database.ledger()
        _ = try booked(ledger, [event(1, 1, 1), event(2, 2, 1)], repairs: true)
        let before = try await database.psql("SELECT max(noted_at) FROM board_repairs")
        try await database.psql("UPDATE board_repairs SET noted_at = noted_at - interval '1 hour'")
        #expect(ledger.noteRepairs([PostgresUUID(high: 2, low: 1)]) == nil)
        #expect(try await database.psql("SELECT count(*) FROM board_repairs") == "2")
        #expect(try await database.psql("SELECT max(noted_at) >= '\(before)' FROM board_repairs") == "t")
    }

    @Test("A server that is away is a failure that may pass, and the next batch finds it again")
    func away() async throws {
        let database = try await LedgerDatabase(own: true)
        let ledger = try database.ledger()
        _ = try booked(ledger, [event(1, 1, 1)])
        try await database.server.kill()
        guard case .failed(let error) = ledger.book(PointsBatch([event(2, 1, 1)]), notesRepairs: false) else {
            throw TestFailure("not failed")
        }
        #expect(error.isRetriable)
        try await database.server.resume()
        #expect(try booked(ledger, [event(2, 1, 1)]).standings.first??.points == 2)
    }
}

/// A migrated database of the test's own.
struct LedgerDatabase {
    let server: ScratchPostgres
    let name: String

    init(own: Bool = false) async throws {
        server = own ? try await ScratchPostgres.start() : try await ScratchPostgres.shared()
        name = try await server.createDatabase("saga")
        let session = try PostgresSession(configuration)
        try Migrator(session, MigrationFolder.read(ServiceHome.packageRoot + "/migrations")).apply(
            patience: .seconds(30)
        ) { _ in }
        session.close()
    }

    var configuration: PostgresConfiguration {
        get throws { try PostgresConfiguration(server.conninfo(database: name), applicationName: "saga-tests") }
    }

    func ledger() throws -> PointsLedger {
        PointsLedger(try configuration, patience: .init(answer: .seconds(20)))
    }

    @discardableResult
    func psql(_ sql: String) async throws -> String { try await server.psql(sql, database: name) }
}

/// What a test did not expect.
struct TestFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
