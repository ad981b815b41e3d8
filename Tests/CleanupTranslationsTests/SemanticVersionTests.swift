import Postgres
import TestSupport
import Testing

@testable import cleanup_translations

@Suite("Semantic versions")
struct SemanticVersionTests {
    /// In rising order.
    private static let rising = [
        "0.0.0-0", "0.0.0", "0.0.1", "0.9.0", "0.10.0-alpha", "0.10.0", "1.0.0-0.3.7", "1.0.0-1", "1.0.0-2",
        "1.0.0-10", "1.0.0--", "1.0.0-A", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.1.0", "1.0.0-alpha.2",
        "1.0.0-alpha.beta", "1.0.0-alpha-", "1.0.0-alpha0", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
        "1.0.0-rc.1", "1.0.0", "1.9.0", "1.10.0", "2.0.0-x.7.z.92", "2.0.0", "10.0.0",
        "99999999999999999999.0.0", "100000000000000000000.0.0",
    ]
    private static let wrong = [
        "", "1", "1.2", "1.2.3.4", "01.2.3", "1.02.3", "1.2.03", "1.2.3-", "1.2.3-01", "1.2.3-a..b", "1.2.3+",
        "1.2.3+a..b", "1.2.3-a.", "v1.2.3", "1.2.3 ", " 1.2.3", "1.2.3\n", "-1.2.3", "1.2.-3", "1.2.3-ä", "१.२.३",
        "1.2.3-" + String(repeating: "a", count: 251), "1.2.3+a+b", "..", "1.2.3-+",
    ]

    @Test("Precedence is that of semver.org, pre-releases included")
    func order() throws {
        let versions = try Self.rising.map { try #require(SemanticVersion($0)) }
        for (index, version) in versions.enumerated() {
            for (other, second) in versions.enumerated() {
                #expect((version < second) == (index < other), "\(Self.rising[index]) and \(Self.rising[other])")
                #expect((version == second) == (index == other))
            }
        }
        #expect(SemanticVersion("1.0.0+a") == SemanticVersion("1.0.0+b.c"))
    }

    @Test("What is no semantic version is none", arguments: wrong)
    func refused(text: String) { #expect(SemanticVersion(text) == nil) }

    @Test("The database orders as this program does", ScratchPostgres.requirement, .blocking)
    func agreement() async throws {
        let session = try await Stage.make().session()
        var random = SplitMix64(seed: 8)
        let versions =
            Self.rising + Self.wrong.filter { !$0.contains("\0") } + (0..<3_000).map { _ in Self.random(&random) }
        var parameters = PostgresParameters()
        parameters.add(versions)
        let rows = try session.query(
            """
            SELECT semver_order(v) IS NOT NULL, dense_rank() OVER (ORDER BY semver_order(v) COLLATE "C" NULLS FIRST)
            FROM unnest($1::text[]) WITH ORDINALITY AS u(v, n) ORDER BY n
            """, parameters)
        let ranks = (0..<rows.rowCount).map { rows.integer($0, 1) ?? -1 }
        let parsed = versions.map { SemanticVersion($0) }
        for index in versions.indices {
            #expect(rows.boolean(index, 0) == (parsed[index] != nil), "\(versions[index])")
        }
        for index in versions.indices {
            for other in [index / 2, (index * 7) % versions.count, max(0, index - 1)] {
                guard let one = parsed[index], let second = parsed[other] else { continue }
                #expect((one < second) == (ranks[index] < ranks[other]), "\(versions[index]) and \(versions[other])")
                #expect((one == second) == (ranks[index] == ranks[other]))
            }
        }
    }

    /// Mostly versions, and mostly close to each other.
    private static func random(_ random: inout SplitMix64) -> String {
        func number() -> String { ["0", "1", "2", "9", "10", "11", "100", "00", ""][random.next(below: 9)] }
        func word() -> String {
            ["a", "b", "alpha", "A", "-", "a-", "0a", "rc", "1", "2", "10", "01"][random.next(below: 12)]
        }
        var text = "\(random.next(below: 3)).\(random.next(below: 12)).\(number())"
        if random.next(below: 2) == 0 {
            text += "-" + (0...random.next(below: 3)).map { _ in word() }.joined(separator: ".")
        }
        if random.next(below: 8) == 0 { text += "+" + word() }
        return text
    }
}
