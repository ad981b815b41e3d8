import Events
import Redrive
import Testing

@Suite struct DrainRulesTests {
    private func rules(_ route: DrainRules.Route = .topic("gamification.replay")) -> DrainRules {
        DrainRules(
            source: "dlq", route: route, parkedTopic: "parked", run: "r", parkedBy: "test", destinations: [:])
    }

    private func letter(retries: Int32 = 0, origin: String? = "points.earned") -> DeadLetter {
        var letter = DeadLetter()
        letter.retryCount = retries
        letter.origin = origin.flatMap { Origin(topic: $0, partition: 2, offset: 7) }
        return letter
    }

    @Test func aRecordWithRetriesLeftIsRedriven() {
        #expect(rules().verdict(.selected, letter(retries: 2)) == .redrive)
    }

    @Test(arguments: [3, 4, 1_000] as [Int32]) func usedUpRetriesPark(retries: Int32) {
        #expect(rules().verdict(.selected, letter(retries: retries)) == .park(reason: "retries.exhausted"))
    }

    @Test func withoutAnOriginThereIsNoWayBack() {
        #expect(rules().verdict(.selected, letter(origin: nil)) == .park(reason: "origin.missing"))
    }

    @Test func onlyAllowedOriginsArePublishedTo() {
        let rules = rules(.origin(allowed: ["points.earned"]))
        #expect(rules.verdict(.selected, letter()) == .redrive)
        #expect(rules.destination(of: .redrive, letter()) == "points.earned")
        #expect(rules.verdict(.selected, letter(origin: "payments")) == .park(reason: "origin.not_allowed"))
    }

    @Test func whatTheBodyTellsComesAfterWhatTheHeadersTell() {
        #expect(rules().verdict(.hopeless(reason: "avro.malformed"), letter()) == .park(reason: "avro.malformed"))
        #expect(
            rules().verdict(.hopeless(reason: "avro.malformed"), letter(retries: 3))
                == .park(reason: "retries.exhausted"))
        #expect(rules().verdict(.noBody, letter()) == .park(reason: "body.missing"))
    }

    @Test func whatIsNotSelectedStaysOrIsRequeued() {
        var rules = rules()
        #expect(rules.verdict(.rejected, letter(retries: 9)) == .skip)
        rules.skipped = .requeue
        #expect(rules.verdict(.rejected, letter(retries: 9)) == .requeue)
        #expect(rules.destination(of: .requeue, letter()) == "dlq")
    }

    @Test(
        "a record goes back into its origin's partition while there is one, without a key with its source partition's others",
        arguments: [
            (4, true, 2), (4, false, 2), (3, true, 2), (2, true, nil), (2, false, 1), (1, false, 0), (nil, false, nil),
        ] as [(Int32?, Bool, Int32?)])
    func partition(count: Int32?, hasKey: Bool, expected: Int32?) {
        let origin = DrainRules.Route.origin(allowed: [])
        #expect(origin.partition(of: count, origin: 2, source: 5, hasKey: hasKey) == expected)
        let byKey = hasKey ? nil : count.map { 5 % $0 }
        #expect(origin.partition(of: count, origin: nil, source: 5, hasKey: hasKey) == byKey)
        #expect(DrainRules.Route.topic("t").partition(of: count, origin: 2, source: 5, hasKey: hasKey) == byKey)
    }

    @Test func unreadableHeadersAreNeverPublishedAnywhere() {
        var rules = rules()
        rules.skipped = .requeue
        #expect(rules.verdict(.unreadable, letter()) == .reject)
        #expect(rules.destination(of: .reject, letter()) == nil)
    }
}
