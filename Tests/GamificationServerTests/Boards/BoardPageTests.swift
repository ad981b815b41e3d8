import Postgres
import TestSupport
import Testing

@testable import gamification_server

/// Pages and ranks, from Redis and from PostgreSQL, against a board computed the plain way.
@Suite(ScratchRedis.requirement, ScratchPostgres.requirement, .blocking) struct BoardPageTests {
    private static func totals(_ points: [Int64]) -> [BoardTotal] {
        points.enumerated().map { BoardTotal(customer: BoardStage.customer($0), points: $1, version: 1) }
    }

    /// Pages by both ways, until there is no more.
    private func pages(_ stage: BoardStage, size: Int) throws -> [[BoardPage.Entry]] {
        var pages: [[BoardPage.Entry]] = []
        var place: BoardPlace?
        repeat {
            guard case .page(let page) = try stage.page(after: place, size: size) else {
                Issue.record("no page")
                return pages
            }
            #expect(try page == BoardDatabasePage.read(stage, after: place, size: size))
            pages.append(page.entries)
            place = page.end.flatMap { PageToken.place(PageToken.encode($0)) }
            #expect((place != nil) == page.hasMore)
        } while place != nil
        return pages
    }

    @Test(
        arguments: [
            [], [5], [5, 5, 5, 5, 5], [9, 7, 7, 4], [1, 2, 3, 4, 5, 6, 7], [3, 3, 2, 2, 2, 2, 1, 9, 9, 9, -4, 0],
            [9_007_199_254_740_991, -9_007_199_254_740_991, 9_007_199_254_740_991, 9_007_199_254_740_990],
        ] as [[Int64]])
    func pagesAreTheReference(points: [Int64]) async throws {
        let stage = try await BoardStage()
        let totals = Self.totals(points)
        try stage.fill(totals.shuffled())
        try stage.store(totals)
        let reference = ReferenceBoard(totals)
        for size in 1...8 {
            let found = try pages(stage, size: size)
            #expect(found.flatMap { $0 } == reference.entries(0..<points.count))
            #expect(found.dropLast().allSatisfy { $0.count == size })
        }
        for total in totals {
            for size in 1...8 {
                let index = reference.sorted.firstIndex { $0.customer == total.customer } ?? 0
                let start = max(0, min(index - (size - 1) / 2, points.count - size))
                let expected = BoardPage(
                    entries: reference.entries(start..<start + size), total: Int64(points.count),
                    hasMore: start + size < points.count)
                #expect(try stage.around(total.customer, size: size) == .page(expected))
                #expect(try BoardDatabasePage.around(stage, total.customer, size: size) == expected)
            }
        }
        #expect(try stage.around(BoardStage.uuid(), size: 3) == .noSuchCustomer)
        #expect(try BoardDatabasePage.around(stage, BoardStage.uuid(), size: 3) == nil)
    }

    @Test func randomBoardsWithManyTies() async throws {
        let stage = try await BoardStage()
        var random = SystemRandomNumberGenerator()
        for _ in 0..<10 {
            let span = Int64.random(in: 1...30, using: &random)
            let totals = Self.totals((0..<120).map { _ in Int64.random(in: 0...span, using: &random) })
            try stage.fill(totals)
            try stage.store(totals)
            let size = Int.random(in: 1...50, using: &random)
            #expect(try pages(stage, size: size).flatMap { $0 } == ReferenceBoard(totals).entries(0..<120))
        }
    }

    @Test func aPlaceWhereNobodyIsAnyMoreGoesOnBehindIt() async throws {
        let stage = try await BoardStage()
        let totals = Self.totals([9, 7, 7, 7, 4])
        try stage.fill(totals)
        try stage.store(totals)
        let reference = ReferenceBoard(totals)
        // Between the sevens, between nine and seven, before all, behind all.
        for (points, customer, start) in [
            (7, BoardStage.customer(2), 3), (7, "00000000-0000-0000-0000-0000000000f0", 4),
            (8, BoardStage.customer(0), 1), (7, BoardStage.customer(0), 1), (10, BoardStage.customer(0), 0),
            (-1, BoardStage.customer(0), 5),
        ] as [(Int64, String, Int)] {
            let place = BoardPlace(points: points, customer: customer)
            guard case .page(let page) = try stage.page(after: place, size: 10) else {
                Issue.record("no page")
                continue
            }
            #expect(page.entries == reference.entries(start..<5), "\(points)")
            #expect(page.total == 5)
            #expect(try BoardDatabasePage.read(stage, after: place, size: 10) == page)
        }
    }

    @Test func aBoardOfAnotherEpochIsNotTrusted() async throws {
        let stage = try await BoardStage()
        #expect(try stage.page(size: 3) == .notFilled)
        try stage.set(Self.totals([1, 2]))
        #expect(try stage.page(size: 3) == .notFilled)
        try stage.fill(Self.totals([1, 2]), epoch: 4)
        #expect(try stage.page(size: 3, epoch: 5) == .notFilled)
        #expect(try stage.around(BoardStage.customer(0), size: 3, epoch: 5) == .notFilled)
        #expect(try stage.page(size: 3, epoch: 4) != .notFilled)
    }

    @Test(arguments: [
        "", "x", "MQ", "!!!!", "MTUuMTE", "AAAA", "=", String(repeating: "M", count: 3_000),
        Base64URL.encode("1+5.00000000-0000-0000-0000-000000000001".utf8),
        Base64URL.encode("15.00000000-0000-0000-0000-00000000000A".utf8),
        Base64URL.encode("19007199254740992.00000000-0000-0000-0000-000000000001".utf8),
        Base64URL.encode("25.00000000-0000-0000-0000-000000000001".utf8), Base64URL.encode([0x31, 0xFF]),
    ])
    func tokensThatWereNotMadeHereAreRefused(token: String) {
        #expect(PageToken.place(token) == nil)
    }

    @Test func badgeTokens() {
        for badge in ["badge.a", "ü — ☃", String(repeating: "é", count: 256)] {
            #expect(PageToken.badge(PageToken.encode(badge: badge)) == badge)
            #expect(PageToken.place(PageToken.encode(badge: badge)) == nil)
        }
        let place = BoardPlace(points: -3, customer: BoardStage.customer(7))
        for token in [PageToken.encode(place), "", Base64URL.encode("2".utf8), Base64URL.encode("2a\0".utf8), "Mg="] {
            #expect(PageToken.badge(token) == nil)
        }
    }
}
