import GRPC
import GamificationProtocol
import ServerProofs
import TestSupport
import Testing

@Suite(
    "The server's awards, on real PostgreSQL and Redis", .serialized, ScratchPostgres.requirement,
    ScratchRedis.requirement)
struct AwardServerTests {
    private static func customer(_ number: Int) -> String {
        let digits = String(number)
        return "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    @Test("Two instances and retries race for one award: one row, one event id, one AWARDED")
    func race() async throws {
        let stack = try await AwardStack()
        let (first, second) = (try await stack.start(), try await stack.start())
        let load = try await ProcessRunner.output(of: [
            try ProcessRunner.builtBinary("award-load"), "calls",
            "127.0.0.1:\(first.grpcPort),127.0.0.1:\(second.grpcPort)", "race", "400", "40", "3",
        ])
        #expect(load.contains("ALREADY_AWARDED=300 AWARDED=100"), "\(load)")
        #expect(try await stack.sql("SELECT count(*), count(DISTINCT event_id) FROM badge_awards") == "100|100")
        #expect(try await stack.sql("SELECT count(*) FROM processed_events") == "200")
        let (awarded, tasks) = (try EventTopic(stack.kafka, "badge.awarded"), try EventTopic(stack.kafka, "badge.task"))
        #expect(await eventually { awarded.eventIDs.count >= 100 && tasks.eventIDs.count >= 100 })
        let rows = try await stack.sql("SELECT event_id FROM badge_awards ORDER BY 1").split(separator: "\n").map(
            String.init)
        #expect(awarded.eventIDs.sorted() == rows)
        #expect(tasks.eventIDs.count == 100 && Set(tasks.eventIDs).count == 100)
        #expect(
            await eventually {
                (try? await stack.sql("SELECT count(*) FROM badge_awards WHERE published_at IS NULL")) == "0"
            })
    }

    @Test("What is wrong with a request is said, field by field, and unknown badges and customers are NOT_FOUND")
    func refusals() async throws {
        let stack = try await AwardStack()
        let client = try await AwardClient(try await stack.start())
        let bad = try await client.award("bad\nbadge", customer: "nobody", merchant: "", locale: "no tag")
        #expect(bad.status.code == .invalidArgument)
        for field in ["merchant_id", "customer_id", "badge", "locale"] { #expect(bad.status.message.contains(field)) }
        #expect(try await client.award("no-such-badge", customer: Self.customer(1)).status.code == .notFound)
        let unknown = try await client.award(customer: "dead0000-0000-4000-8000-000000000001")
        #expect(unknown.status.code == .notFound && !unknown.status.message.contains("dead0000"))
        // A language without a translation falls back to its base language, then to English.
        let regional = try await client.award(customer: Self.customer(2), locale: "pt-BR")
        #expect(regional.response?.status == .awarded)
        #expect(try await stack.sql("SELECT locale FROM badge_awards") == "en")
        #expect(try await stack.sql("SELECT count(*) FROM badge_awards") == "1")
    }

    @Test("Redis away: awards go on. PostgreSQL away: UNAVAILABLE, but for what the cache knows. Both come back")
    func outages() async throws {
        let stack = try await AwardStack(ownPostgres: true)
        let server = try await stack.start()
        let client = try await AwardClient(server)
        let first = try await client.award(customer: Self.customer(1))
        #expect(first.response?.status == .awarded)

        try await stack.postgres.kill()
        #expect(try await client.award(customer: Self.customer(1)).response?.eventID == first.response?.eventID)
        let refused = try await client.award(customer: Self.customer(2))
        #expect(refused.status.code == .unavailable && refused.status.retryDelay != nil)
        #expect(refused.seconds < 5)
        #expect(await eventually { (try? await server.get("/ready").body.contains("degraded")) == true })
        #expect(try await server.get("/ready").status == 200)
        try await stack.postgres.resume()
        #expect(await eventually { (try? await client.award(customer: Self.customer(2)).response) != nil })

        try await stack.redis.kill()
        let without = try await client.award(customer: Self.customer(3))
        #expect(without.response?.status == .awarded, "\(without.status)")
        let again = try await client.award(customer: Self.customer(3))
        #expect(again.response?.status == .alreadyAwarded && again.response?.eventID == without.response?.eventID)
        try await stack.redis.resume()
        #expect(await eventually { (try? await server.get("/ready").body.contains("degraded")) == false })
    }

    @Test("Kafka away: awards go on within the time a call waits; killed, another instance publishes them, each once")
    func kafkaAway() async throws {
        let stack = try await AwardStack()
        let server = try await stack.start()
        let client = try await AwardClient(server)
        #expect(try await client.award(customer: Self.customer(1)).response?.status == .awarded)
        let unpublished = "SELECT count(*) FROM badge_awards WHERE published_at IS NULL"
        #expect(await eventually { (try? await stack.sql(unpublished)) == "0" })
        try await stack.misbehave("/kafka/brokers", "{\"broker\":1,\"isUp\":false}")
        for number in 2...6 {
            let answer = try await client.award(customer: Self.customer(number))
            #expect(answer.response?.status == .awarded, "\(answer.status)")
            #expect(answer.seconds < 2)
        }
        #expect(try await stack.sql(unpublished) == "5")
        server.process.signalGroup(9)
        _ = try await server.process.wait()
        // Half a minute later, for the sweeper's clock.
        try await stack.sql("UPDATE badge_awards SET awarded_at = awarded_at - interval '1 minute'")
        try await stack.misbehave("/kafka/brokers", "{\"broker\":1,\"isUp\":true}")
        let other = try await stack.start()
        #expect(await eventually(deadline: 60) { (try? await stack.sql(unpublished)) == "0" })
        let topic = try EventTopic(stack.kafka, "badge.awarded")
        #expect(await eventually { topic.eventIDs.count >= 6 })
        let rows = try await stack.sql("SELECT event_id FROM badge_awards ORDER BY 1").split(separator: "\n").map(
            String.init)
        #expect(topic.eventIDs.sorted() == rows)
        #expect(other.process.isRunning)
    }

    @Test("A stop lets calls finish, and the exit code is the signal's")
    func stop() async throws {
        let stack = try await AwardStack()
        let server = try await stack.start()
        let load = try ChildProcess([
            try ProcessRunner.builtBinary("award-load"), "calls", "127.0.0.1:\(server.grpcPort)", "new", "200", "200",
            "3",
        ])
        #expect(await eventually { ((try? await stack.sql("SELECT count(*) FROM badge_awards")) ?? "0") != "0" })
        server.process.signal(15)
        let result = try await server.process.wait()
        #expect(result.exitCode == 143, "\(result.errors)")
        load.signalGroup(9)
        // What was awarded is published, or left to a sweeper; never half of it noted.
        let topic = try EventTopic(stack.kafka, "badge.awarded")
        let published = try await stack.sql("SELECT count(*) FROM badge_awards WHERE published_at IS NOT NULL")
        #expect(await eventually { topic.eventIDs.count >= Int(published) ?? 0 })
    }

    @Test("A server with its dependencies away waits and says so, and is ready when they are there")
    func waits() async throws {
        let stack = try await AwardStack(ownPostgres: true)
        try await stack.postgres.kill()
        try await stack.misbehave("/registry", "{\"failFirst\":1000000,\"status\":503,\"delayMs\":0}")
        let server = try await AwardServer(stack, [], waitsForReady: false)
        #expect(
            await eventually {
                guard let ready = try? await server.get("/ready") else { return false }
                return ready.status == 503 && ready.body.contains("\"postgres\":{\"status\":\"waiting\"")
            })
        #expect(try await server.get("/health").status == 200)
        let early = try await AwardClient(server).award(customer: Self.customer(1))
        #expect(early.status.code == .unavailable)
        try await stack.postgres.resume()
        try await stack.misbehave("/registry", "{\"failFirst\":0,\"status\":503,\"delayMs\":0}")
        #expect(await eventually(deadline: 60) { (try? await server.get("/ready").status) == 200 })
        #expect(server.process.isRunning)
    }
}
