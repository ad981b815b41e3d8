import Avro
import Events
import Testing

@Suite("Selecting records")
struct EventFilterTests {
    private static let fields: EventFields? = {
        guard let text = try? Samples.text(of: .pointsEarned),
            let bytes = try? Samples.framed(1, text, Samples.value(.pointsEarned))
        else { return nil }
        var decoder = EventDecoder()
        decoder.learn(1, Samples.registered(1, text))
        return decoder.decode(bytes, origin: .pointsEarned).fields
    }()

    private func filter(
        _ basis: EventFilter.TimeBasis = .failed, _ change: (inout EventFilter) throws -> Void
    ) rethrows -> EventFilter {
        var filter = EventFilter(timeBasis: basis)
        try change(&filter)
        return filter
    }

    private func id(_ text: String) throws -> Identifier { try #require(Identifier(text)) }

    @Test("an empty filter selects everything and needs nothing")
    func empty() throws {
        let filter = EventFilter(timeBasis: .event)
        #expect(filter.isEmpty && !filter.needsPayload)
        #expect(filter.preselect(DeadLetter(), recordTimestamp: nil) == .selected)
        #expect(filter.matches(DeadLetter(), nil, recordTimestamp: nil))
    }

    @Test("ids: UUIDs whatever their case, the body before the header")
    func ids() throws {
        let fields = try #require(Self.fields)
        var header = DeadLetter()
        header.merchantID = try id("m1")
        header.eventID = try id(Samples.event.uppercased())
        let merchants = try filter { $0.merchants = [try id(Samples.merchant.uppercased())] }
        let byHeader = try filter { $0.merchants = [try id("m1")] }
        #expect(merchants.matches(header, fields, recordTimestamp: nil))
        #expect(!byHeader.matches(header, fields, recordTimestamp: nil))
        #expect(
            byHeader.matches(header, nil, recordTimestamp: nil) && !merchants.matches(header, nil, recordTimestamp: nil)
        )
        #expect(merchants.preselect(header, recordTimestamp: nil) == .undecided && !merchants.needsPayload)
        let events = try filter { $0.eventIDs = [try id("x"), try id(Samples.event)] }
        #expect(
            events.matches(header, fields, recordTimestamp: nil) && events.matches(header, nil, recordTimestamp: nil))
        #expect(!events.matches(DeadLetter(), nil, recordTimestamp: nil))
        let customers = try filter { $0.customers = [try id(Samples.customer.lowercased())] }
        #expect(customers.needsPayload && customers.matches(header, fields, recordTimestamp: nil))
        #expect(!customers.matches(header, nil, recordTimestamp: nil))
        #expect(try !filter { $0.merchants = [try id("M1")] }.matches(header, nil, recordTimestamp: nil))
    }

    @Test("types: origin topic, then header, then body")
    func types() throws {
        let fields = try #require(Self.fields)
        let filter = filter { $0.eventTypes = [.pointsEarned, .badgeTask] }
        var letter = DeadLetter()
        #expect(filter.preselect(letter, recordTimestamp: nil) == .undecided)
        #expect(
            filter.matches(letter, fields, recordTimestamp: nil) && !filter.matches(letter, nil, recordTimestamp: nil))
        letter.eventType = .badgeAwarded
        #expect(filter.preselect(letter, recordTimestamp: nil) == .rejected)
        #expect(!filter.matches(letter, fields, recordTimestamp: nil))
        letter.origin = Origin(topic: "badge.task", partition: 0, offset: 0)
        #expect(filter.preselect(letter, recordTimestamp: nil) == .selected)
        #expect(filter.matches(letter, nil, recordTimestamp: nil))
        letter.origin = Origin(topic: "orders", partition: 0, offset: 0)
        #expect(filter.preselect(letter, recordTimestamp: nil) == .rejected)
    }

    @Test("error codes")
    func codes() {
        let filter = filter { $0.errorCodes = [.customerNotFound, .other] }
        var letter = DeadLetter()
        #expect(filter.preselect(letter, recordTimestamp: nil) == .rejected)
        letter.errorCode = .internal
        #expect(!filter.matches(letter, nil, recordTimestamp: nil))
        letter.errorCode = .other
        #expect(filter.preselect(letter, recordTimestamp: nil) == .selected)
        #expect(filter.matches(letter, nil, recordTimestamp: nil))
    }

    @Test("since is inclusive, until exclusive")
    func bounds() {
        let both = filter {
            $0.since = 100
            $0.until = 200
        }
        for (time, isIn) in [(99, false), (100, true), (199, true), (200, false), (-1, false)] as [(Int64, Bool)] {
            #expect(both.matches(DeadLetter(), nil, recordTimestamp: time) == isIn)
            #expect(both.preselect(DeadLetter(), recordTimestamp: time) == (isIn ? .selected : .rejected))
        }
        #expect(!both.matches(DeadLetter(), nil, recordTimestamp: nil))
        #expect(filter { $0.since = 100 }.matches(DeadLetter(), nil, recordTimestamp: .max))
        #expect(filter { $0.until = 100 }.matches(DeadLetter(), nil, recordTimestamp: .min))
    }

    @Test("the time of the event: body, origin, record; of the failure: header, record")
    func bases() throws {
        let fields = try #require(Self.fields)
        var letter = DeadLetter()
        letter.originTimestamp = 2_000
        letter.firstFailedAt = 3_000
        func around(_ time: Int64, _ basis: EventFilter.TimeBasis) -> EventFilter {
            filter(basis) {
                $0.since = time
                $0.until = time + 1
            }
        }
        #expect(around(Samples.time, .event).matches(letter, fields, recordTimestamp: 1_000))
        #expect(around(2_000, .event).matches(letter, nil, recordTimestamp: 1_000))
        #expect(around(1_000, .event).matches(DeadLetter(), nil, recordTimestamp: 1_000))
        #expect(around(3_000, .failed).matches(letter, fields, recordTimestamp: 1_000))
        #expect(around(1_000, .failed).matches(DeadLetter(), fields, recordTimestamp: 1_000))
        #expect(around(0, .event).needsPayload && !around(0, .failed).needsPayload)
        #expect(around(0, .event).preselect(letter, recordTimestamp: 5) == .undecided)
    }

    @Test("a preselection never contradicts the decision")
    func consistency() throws {
        let fields = try #require(Self.fields)
        var random = SplitMix64(seed: 7)
        let ids = try [Samples.event, Samples.merchant, Samples.customer, "m1"].map { try id($0) }
        func pick<Element: Hashable>(_ all: [Element]) -> Set<Element> {
            Bool.random(using: &random) ? [] : Set(all.filter { _ in Bool.random(using: &random) })
        }
        func time() -> Int64? { [nil, 100, 200, Samples.time].randomElement(using: &random) ?? nil }
        for _ in 0..<20_000 {
            let filter = filter(Bool.random(using: &random) ? .event : .failed) {
                $0.merchants = pick(ids)
                $0.eventTypes = pick(EventType.allCases)
                $0.customers = pick(ids)
                $0.eventIDs = pick(ids)
                $0.errorCodes = pick(ErrorCode.allCases)
                $0.since = time()
                $0.until = time()
            }
            var letter = DeadLetter()
            letter.errorCode = ErrorCode.allCases.randomElement(using: &random)
            letter.eventType = Bool.random(using: &random) ? EventType.allCases.randomElement(using: &random) : nil
            letter.merchantID = Bool.random(using: &random) ? ids.randomElement(using: &random) : nil
            letter.firstFailedAt = time()
            letter.originTimestamp = time()
            let stamp = time()
            let decisions = [fields, nil].map { filter.matches(letter, $0, recordTimestamp: stamp) }
            switch filter.preselect(letter, recordTimestamp: stamp) {
            case .selected: #expect(decisions == [true, true])
            case .rejected: #expect(decisions == [false, false])
            case .undecided: #expect(!filter.isEmpty)
            }
        }
    }
}
