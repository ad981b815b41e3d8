import Kafka
import Lifecycle
import Postgres
import TestSupport
import Testing

@testable import gamification_server

/// The whole server as a process, on an Apache Kafka of its own, with the topics' real names.
@Suite("Saga of a server", ScratchKafka.requirement, ScratchPostgres.requirement, ScratchRedis.requirement)
struct SagaServerTests {
    @Test(
        "Points in, badge out; poison is dead-lettered, mended, drained, and awarded; killed in between",
        .timeLimit(.minutes(5)))
    func saga() async throws {
        let stage = try await ServerStage()
        var server = try await stage.start()
        try await stage.publish((0..<10).map { stage.points($0, customer: 1, points: 10) }, to: "points.earned")
        #expect(try await eventually(deadline: 90) { try await stage.awards(customer: 1) == "badge.gold|t" })

        // The badge of the second rule has no translation yet: the event is counted and dead-lettered.
        try await stage.publish([stage.points(20, customer: 2, points: 500)], to: "points.earned")
        #expect(
            try await eventually(deadline: 90) {
                try await stage.deadLetters().contains("gamification.error.code=badge.unknown")
            })
        try await stage.translate("badge.big")

        server.process.signal(9)
        server = try await stage.start()
        let drain = try await stage.drain()
        #expect(drain.exitCode == 0, "\(drain.output)\(drain.errors)")
        #expect(
            try await eventually(deadline: 90) {
                try await stage.awards(customer: 2) == "badge.big|t\nbadge.gold|t"
            })
        #expect(
            try await stage.sql("SELECT string_agg(points::text, ',' ORDER BY points) FROM customer_points")
                == "100,500")
        server.process.signal(15)
        #expect(try await server.process.wait(deadline: 40).exitCode == 143)
    }
}
