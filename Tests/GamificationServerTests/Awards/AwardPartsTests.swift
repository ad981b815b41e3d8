import Avro
import Foundation
import Kafka
import Lifecycle
import Postgres
import TestSupport
import Testing
@testable import gamification_server

@Suite("Parts of the award path")
struct AwardPartsTests {
    @Test("Event ids are version 5 UUIDs of what the award is")
    func ids() throws {
        let merchant = "11111111-1111-4111-8111-111111111111"
        let customer = "22222222-2222-4222-8222-222222222222"
        // Computed with Python's uuid.uuid5.
        #expect(
            EventIDs.awarded(merchant: merchant, customer: customer, badge: "first-purchase").description
                == "5e523d64-f526-5f2b-b1d2-4e618ec35358")
        #expect(
            EventIDs.task(merchant: merchant, customer: customer, badge: "first-purchase").description
                == "8653a216-3ec7-5ca5-a6a1-90f3c3bcaa6b")
    }

    @Test("The schemas are those in the repository", arguments: ProducedSchemas.all.map(\.topic))
    func schemas(topic: String) throws {
        let file = try String(contentsOfFile: ServiceHome.packageRoot + "/schemas/\(topic).avsc", encoding: .utf8)
        #expect(ProducedSchemas.all.first { $0.topic == topic }?.text == file)
    }

    @Test("The records are what a general encoder makes of the schemas")
    func records() throws {
        let schemas = ProducedSchemas(badgeAwarded: 1, badgeTask: 2, cacheInvalidate: 3, auditLog: 4)
        let (merchant, customer) = (UUID().uuidString.lowercased(), UUID().uuidString.lowercased())
        let row = AwardEvents.Row(
            merchant: merchant, customer: customer, badge: "très-bien",
            eventID: PostgresUUID(high: 0x0123_4567_89AB_CDEF, low: 6),
            taskID: EventIDs.task(merchant: merchant, customer: customer, badge: "très-bien"), locale: "pt-BR",
            awardedAt: 1_764_000_000_123, traceID: String(repeating: "ab", count: 16))
        let records = AwardEvents(schemas).records(row)
        func expect(_ record: [UInt8]?, _ id: Int32, _ schema: String, _ fields: [AvroValue]) throws {
            let encoder = AvroEncoder(schema: try AvroSchema.parse(schema))
            #expect(record == ConfluentFraming.make(schemaID: id, datum: try encoder.encode(.record(fields))))
        }
        let trace = AvroValue.string(row.traceID ?? "")
        try expect(
            records.awarded.value, 1, EventSchemas.badgeAwarded,
            [
                .string(row.eventID.description), .string(merchant), .string(customer), .string(row.badge),
                .int(AwardEvents.schemaVersion), .string("pt-BR"), .long(row.awardedAt), trace,
            ])
        let task = EventIDs.task(merchant: merchant, customer: customer, badge: row.badge)
        try expect(
            records.task.value, 2, EventSchemas.badgeTask,
            [
                .string(task.description), .string(merchant), .string(customer), .string(EventIDs.notification),
                .string("pt-BR"), .long(row.awardedAt), trace,
            ])
        try expect(
            records.invalidation.value, 3, ProducedSchemas.all[2].text,
            [
                .string("badge:\(merchant):\(customer):très-bien"), .string(merchant), .string("badge"),
                .string("pt-BR"), .long(row.awardedAt),
            ])
        #expect(records.awarded.key == Array(customer.utf8))
        #expect(records.awarded.headers.first?.name.description == "traceparent")
        let parent = "00-\(row.traceID ?? "")-0123456789abcdef-01"
        #expect(records.task.headers.first?.value == Array(parent.utf8))
    }

    @Test(
        "Language tags are made canonical or refused",
        arguments: [
            ("en", "en"), ("EN", "en"), ("pt-br", "pt-BR"), ("ZH-hant-tw", "zh-Hant-TW"), ("", nil), ("-", nil),
            ("en-", nil), ("en--us", nil), ("1en", nil), ("en_US", nil), ("abcdefghi", nil),
            (String(repeating: "a-", count: 20) + "a", nil),
        ] as [(String, String?)])
    func locales(text: String, expected: String?) { #expect(Locale.canonical(text) == expected) }

    @Test("A name is looked for in the locale, its base language and English")
    func candidates() {
        #expect(BadgeName.candidates("pt-BR") == ["pt-BR", "pt", "en"])
        #expect(BadgeName.candidates("en-GB") == ["en-GB", "en"])
        #expect(BadgeName.candidates("en") == ["en"])
        let name = BadgeName(locale: "en", cached: "1.0.0|a|b")
        #expect(name?.version == "1.0.0" && name?.text == "a|b" && name?.cached == "1.0.0|a|b")
        #expect(BadgeName(locale: "en", cached: "damaged") == nil)
    }

    @Test("A breaker opens after a run of failures, lets one probe through at a time, and closes with a success")
    func breaker() {
        var breaker = CircuitBreaker(threshold: 3, pauseMilliseconds: 100)
        let start = MonotonicInstant(nanoseconds: 0)
        breaker.failed(at: start)
        breaker.failed(at: start)
        breaker.succeeded()
        breaker.failed(at: start)
        breaker.failed(at: start)
        let isAdmitted = breaker.admits(at: start)
        #expect(isAdmitted && !breaker.isOpen)
        let hasOpened = breaker.failed(at: start)
        #expect(hasOpened && breaker.isOpen)
        let isEarly = breaker.admits(at: start)
        let later = start.advanced(by: 100_000_000)
        let (isFirst, isSecond) = (breaker.admits(at: later), breaker.admits(at: later))
        #expect(!isEarly && isFirst && !isSecond)
        let hasClosed = breaker.succeeded()
        let isWell = breaker.admits(at: later)
        #expect(hasClosed && !breaker.isOpen && isWell)
    }

    @Test("Retries are a share of what succeeds")
    func budget() {
        var budget = RetryBudget(capacity: 2, share: 0.5)
        let spent = (0..<3).map { _ in budget.spend() }
        #expect(spent == [true, true, false])
        budget.earn()
        let early = budget.spend()
        budget.earn()
        let due = budget.spend()
        #expect(!early && due)
    }

    @Test("A cache holds no more than its limit, and nothing beyond its time")
    func cache() {
        var cache = ExpiringCache<Int, Int>(limit: 100)
        let now = MonotonicInstant(nanoseconds: 0)
        for key in 0..<10_000 { cache.insert(key, for: key, until: now.advanced(by: 10)) }
        #expect(cache.count <= 100)
        #expect(cache.value(9_999, at: now) == 9_999 && cache.value(0, at: now) == nil)
        #expect(cache.value(9_999, at: now.advanced(by: 10)) == nil)
        cache.remove(9_999)
        #expect(cache.value(9_999, at: now) == nil)
    }

    @Test("The order of keys is that of the database's bytes, whatever Unicode says of them")
    func keys() {
        func key(_ badge: String) -> AwardKey {
            AwardKey(merchant: PostgresUUID(high: 1, low: 1), customer: PostgresUUID(high: 1, low: 1), badge: badge)
        }
        #expect(key("e\u{301}") != key("\u{e9}"))
        #expect(key("e\u{301}") < key("\u{e9}") && !(key("\u{e9}") < key("e\u{301}")))
    }
}
