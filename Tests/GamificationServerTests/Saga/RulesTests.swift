import Postgres
import Testing

@testable import gamification_server

@Suite("Badge rules")
struct RulesTests {
    static let merchant = "6f1c3f0a-5b1e-4a53-9d0c-3a4c1f1f2b7e"

    /// The mistakes of a file, as `place: reason`.
    private func mistakes(_ text: String) -> [String] {
        do throws(BadgeRulesFile.Failure) {
            _ = try BadgeRulesFile.read(text)
            return []
        } catch {
            return error.mistakes.map(\.description)
        }
    }

    @Test("A merchant's own rules replace, add to and leave out the standard ones")
    func overrides() throws {
        let rules = try BadgeRulesFile.read(
            """
            {"version": 1,
             "rules": [{"badge": "gold", "when": {"total_points": 1000}}, {"badge": "five", "when": {"events": 5}},
                       {"badge": "big", "when": {"event_points": 90, "streak_days": 2}}],
             "merchants": {"\(Self.merchant.uppercased())": {"without": ["five"], "rules": [
                 {"badge": "gold", "when": {"total_points": 10}}, {"badge": "week", "when": {"streak_days": 7}}]},
                 "00000000-0000-0000-0000-000000000001": {"inherit": false}}}
            """)
        let id = try #require(PostgresUUID(Self.merchant))
        let own = rules.rules(for: id)
        #expect(own.map(\.badge) == ["gold", "big", "week"])
        #expect(own[0][.totalPoints] == 10)
        #expect(own[1][.eventPoints] == 90 && own[1][.streakDays] == 2 && own[1][.events] == nil)
        #expect(rules.rules(for: PostgresUUID(high: 0, low: 1)).isEmpty)
        #expect(rules.rules(for: PostgresUUID(high: 0, low: 2)).map(\.badge) == ["gold", "five", "big"])
    }

    @Test("Every threshold that a rule has must be reached")
    func evaluation() {
        var rule = BadgeRule(badge: "b")
        rule[.totalPoints] = 100
        rule[.streakDays] = 3
        let met = CustomerStanding(points: 100, events: 1, streak: 3, version: 1)
        #expect(rule.isMet(by: met, eventPoints: 0))
        #expect(!rule.isMet(by: CustomerStanding(points: 99, events: 9, streak: 9, version: 1), eventPoints: 99))
        #expect(!rule.isMet(by: CustomerStanding(points: 100, events: 9, streak: 2, version: 1), eventPoints: 99))
        rule[.eventPoints] = 50
        #expect(rule.looksAtOneEvent)
        #expect(!rule.isMet(by: met, eventPoints: 49))
        #expect(rule.isMet(by: met, eventPoints: 50))
    }

    @Test("All mistakes are listed, each with its place")
    func everyMistake() {
        let found = mistakes(
            """
            {"version": 2, "extra": 1,
             "rules": [{"badge": "", "when": {"total_points": 0}}, {"when": {}}, 5,
                       {"badge": "a", "when": {"events": 1.5, "points": 3}}, {"badge": "a", "when": {"events": 1}}],
             "merchants": {"m1": {}, "\(Self.merchant)": {"inherit": 1, "without": ["zzz", 1], "rules": {}}}}
            """)
        let places = found.map { String($0.prefix { $0 != ":" }) }
        #expect(
            places == [
                "extra", "version", "rules[0].badge", "rules[0].when.total_points", "rules[1].badge", "rules[1].when",
                "rules[2]", "rules[2].badge", "rules[2].when", "rules[3].when.points", "rules[3].when.events",
                "rules[4].badge", "merchants.m1", "merchants.\(Self.merchant).inherit",
                "merchants.\(Self.merchant).without[0]", "merchants.\(Self.merchant).without[1]",
                "merchants.\(Self.merchant).rules",
            ])
    }

    @Test(
        "Text that is no JSON is refused with the line",
        arguments: [
            ("", "line 1"), ("{\n\"version\": 1,\n}", "line 3"), ("[[[[[[[[[[1]]]]]]]]]]", "line 1"),
            ("{\"version\": 1} x", "line 1"), ("{\"version\": 1, \"version\": 1}", "line 1"),
        ])
    func noJSON(text: String, place: String) {
        let found = mistakes(text)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("\(place): is no JSON") == true)
    }

    @Test(
        "A file of the wrong shape is refused",
        arguments: [
            "[]", "1", "null", "{}", "{\"version\": 1}", "{\"version\": \"1\", \"rules\": []}",
            "{\"version\": 1, \"rules\": {}}",
        ])
    func wrongShape(text: String) { #expect(!mistakes(text).isEmpty) }

    @Test("At most 64 rules a merchant, their own and the standard ones together")
    func limit() {
        let rule = { (number: Int) in #"{"badge": "b\#(number)", "when": {"events": 1}}"# }
        let list = { (range: Range<Int>) in "[" + range.map(rule).joined(separator: ",") + "]" }
        #expect(mistakes("{\"version\": 1, \"rules\": \(list(0..<64))}").isEmpty)
        #expect(mistakes("{\"version\": 1, \"rules\": \(list(0..<65))}") == ["rules: has more than 64 rules"])
        let own = "\"merchants\": {\"\(Self.merchant)\": {\"rules\": \(list(64..<65))}}"
        #expect(
            mistakes("{\"version\": 1, \"rules\": \(list(0..<64)), \(own)}")
                == ["merchants.\(Self.merchant): comes to more than 64 rules"])
    }

    @Test("Mistakes quote no control characters, and there is an end to them")
    func bounds() {
        let members = (0..<500).map { "\"k\($0)\": 1" }.joined(separator: ",")
        #expect(mistakes("{\(members)}").count == BadgeRulesFile.mistakeLimit)
        #expect(mistakes(#"{"version": 1, "rules": [], "\u001b[2J": 1}"#).allSatisfy { !$0.contains("\u{1B}") })
        #expect(mistakes(String(repeating: " ", count: BadgeRulesFile.byteLimit + 1)).first?.hasPrefix("file:") == true)
    }

    @Test("Badges that differ in bytes alone are different")
    func bytes() {
        #expect(
            mistakes(
                #"{"version": 1, "rules": [{"badge": "\u00e9", "when": {"events": 1}}, {"badge": "e\u0301", "when": {"events": 1}}]}"#
            ).isEmpty)
    }
}
