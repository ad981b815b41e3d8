import Events
import Kafka
import ServerProofs
import TestSupport
import Testing

@testable import gamification_server

@Suite(
    "Saga on Kafka, PostgreSQL and Redis", ScratchKafka.requirement, ScratchPostgres.requirement,
    ScratchRedis.requirement)
struct SagaDriverTests {
    private static let rules = BadgeRules(standard: [SagaWorld.rule("gold", .totalPoints, 100)], merchants: [:])

    @Test("Points become totals, board entries, badges and marks; a restart changes nothing")
    func wholeWay() async throws {
        let stage = try await SagaStage()
        try await stage.publish(
            (0..<90).map { stage.points($0, customer: $0 % 3, points: 10) } + [
                stage.points(7, customer: 1, points: 10)
            ],
            to: stage.topics.points)
        var saga = try stage.start(rules: Self.rules)
        #expect(try await eventually(deadline: 60) { try await stage.mark(89) == "counted" })
        for customer in 0..<3 {
            #expect(try await stage.total(customer: customer) == "300")
            #expect(try await stage.board(customer: customer) == "300")
        }
        #expect(Set(stage.awards.made) == Set((0..<3).map { "\(SagaRecords.customer($0)) gold" }))
        try await saga.stop()
        let made = stage.awards.made.count
        saga = try stage.start(rules: Self.rules)
        try await stage.publish([stage.points(100, customer: 0, points: 1)], to: stage.topics.points)
        #expect(try await eventually(deadline: 60) { try await stage.mark(100) == "counted" })
        #expect(try await stage.total(customer: 0) == "301")
        #expect(saga.status.snapshot.tally.counted == 1)
        #expect(await eventually(deadline: 60) { saga.status.snapshot.lag == 0 })
        #expect(stage.awards.made.count <= made + 1)
        try await saga.stop()
    }

    @Test("Poison is dead-lettered with its origin, and what comes through the replay topic is dispatched by it")
    func poisonAndReplay() async throws {
        let stage = try await SagaStage()
        let saga = try stage.start(rules: Self.rules)
        let good = stage.points(1, customer: 1, points: 5)
        let poison = OutgoingRecord(
            key: good.key, value: [0, 0, 0], headers: [(name: Kafka.HeaderName("app"), value: [1])])
        try await stage.publish([poison, good], to: stage.topics.points)
        #expect(try await eventually(deadline: 60) { try await stage.mark(1) == "counted" })
        let text = try await stage.kafka.kcat(
            ["-C", "-t", stage.topics.deadLetters, "-o", "beginning", "-c", "1", "-f", "%h"]
        ).output
        #expect(text.contains("__dlq.errors.topic=\(stage.topics.points)"))
        #expect(text.contains("__dlq.errors.group=\(stage.group)"))
        #expect(text.contains("gamification.error.code=avro.malformed"))
        #expect(text.contains("app="))
        var again = stage.points(2, customer: 1, points: 7)
        again.headers = Self.origin(stage.topics.points)
        var foreign = stage.points(3, customer: 1, points: 9)
        foreign.headers = Self.origin("badge.awarded")
        try await stage.publish([foreign, again], to: stage.topics.replay)
        #expect(try await eventually(deadline: 60) { try await stage.mark(2) == "counted" })
        #expect(await eventually(deadline: 60) { saga.status.snapshot.tally.foreign == 1 })
        #expect(try await stage.total(customer: 1) == "12")
        try await saga.stop()
    }

    private static func origin(_ topic: String) -> [(name: Kafka.HeaderName, value: [UInt8]?)] {
        [("__dlq.errors.topic", topic), ("__dlq.errors.partition", "0"), ("__dlq.errors.offset", "0")].map {
            (name: Kafka.HeaderName($0.0), value: Array($0.1.utf8))
        }
    }

    @Test("An award that stays impossible is retried, then dead-lettered; its points are counted and not marked")
    func exhausted() async throws {
        let stage = try await SagaStage()
        stage.awards.answer(.unavailable)
        var settings = SagaSettings()
        settings.firstBackoff = 10
        settings.longestBackoff = 20
        let saga = try stage.start(rules: Self.rules, settings: settings)
        try await stage.publish(
            [stage.points(1, customer: 1, points: 100), stage.points(2, customer: 2, points: 1)],
            to: stage.topics.points)
        #expect(await eventually(deadline: 60) { saga.status.snapshot.tally.buried == 1 })
        #expect(saga.status.snapshot.tally.retried == 3)
        #expect(try await stage.total(customer: 1) == "100")
        #expect(try await stage.mark(1) == "")
        #expect(try await eventually(deadline: 20) { try await stage.mark(2) == "counted" })
        try await saga.stop()
    }

    @Test("While PostgreSQL is away nothing is dead-lettered in numbers: consumption pauses, and goes on by itself")
    func outage() async throws {
        let stage = try await SagaStage(ownDatabase: true)
        var settings = SagaSettings()
        (settings.firstBackoff, settings.longestBackoff) = (10, 20)
        (settings.firstPause, settings.longestPause) = (100, 200)
        let saga = try stage.start(rules: Self.rules, settings: settings)
        try await stage.publish([stage.points(0, customer: 1, points: 1)], to: stage.topics.points)
        #expect(try await eventually(deadline: 60) { try await stage.mark(0) == "counted" })
        try await stage.database.server.kill()
        try await stage.publish(
            (1..<400).map { stage.points($0, customer: $0 % 9, points: 1) }, to: stage.topics.points)
        #expect(await eventually(deadline: 60) { saga.status.snapshot.pauseReason != nil })
        #expect(await eventually(deadline: 60) { saga.status.snapshot.lag > 0 })
        try await stage.database.server.resume()
        #expect(await eventually(deadline: 60) { saga.status.snapshot.pauseReason == nil })
        #expect(
            try await eventually(deadline: 60) {
                let buried = saga.status.snapshot.tally.buried
                let sum = Int(try await stage.database.psql("SELECT sum(points) FROM customer_points")) ?? 0
                return sum + buried == 400
            })
        // Fewer than a run that counts as a flood, whatever arrived in the batches before it.
        #expect(saga.status.snapshot.tally.buried < settings.flood.run)
        try await saga.stop()
    }

    @Test("While Redis is away points are counted, and the merchants noted for repair")
    func redisAway() async throws {
        let stage = try await SagaStage()
        let saga = try stage.start(rules: .none)
        try await stage.publish([stage.points(0, customer: 1, points: 1)], to: stage.topics.points)
        #expect(try await eventually(deadline: 60) { try await stage.mark(0) == "counted" })
        try await stage.redis.kill()
        try await stage.publish([stage.points(1, customer: 1, points: 1)], to: stage.topics.points)
        #expect(try await eventually(deadline: 60) { try await stage.total(customer: 1) == "2" })
        #expect(
            try await eventually(deadline: 20) {
                try await stage.database.psql("SELECT count(*) FROM board_repairs") == "1"
            })
        #expect(saga.status.snapshot.tally.buried == 0)
        try await saga.stop()
    }

    @Test("An update unlinks what is known about the customer")
    func updates() async throws {
        let stage = try await SagaStage()
        let name = "eligibility:\(SagaRecords.merchant(1)):\(SagaRecords.customer(4))"
        _ = try await stage.redis.cli("hset", name, "locale", "en")
        let saga = try stage.start(rules: .none)
        try await stage.publish([stage.update(1, customer: 4)], to: stage.topics.updates)
        #expect(try await eventually(deadline: 60) { try await stage.mark(1) == "updated" })
        #expect(try await stage.redis.cli("exists", name).hasPrefix("0"))
        try await saga.stop()
    }

    @Test("Too old adds nothing, a day ahead is invalid")
    func times() async throws {
        let stage = try await SagaStage()
        let saga = try stage.start(rules: .none)
        let now = WallClock.milliseconds()
        try await stage.publish(
            [
                stage.points(1, customer: 1, points: 1, createdAt: now - PointsLimit.age - 60_000),
                stage.points(2, customer: 1, points: 2, createdAt: now + PointsLimit.lead + 60_000),
                stage.points(3, customer: 1, points: 4, createdAt: now - PointsLimit.age + 60_000),
            ], to: stage.topics.points)
        #expect(try await eventually(deadline: 60) { try await stage.mark(3) == "counted" })
        #expect(try await stage.mark(1) == "outdated")
        #expect(try await stage.mark(2) == "")
        #expect(try await stage.total(customer: 1) == "4")
        #expect(saga.status.snapshot.tally.buried == 1)
        try await saga.stop()
    }
}
