import ServerProofs
import TestSupport
import Testing

/// The whole server as a process, on an Apache Kafka of its own, with the topics' real names.
@Suite("Saga of a server", ScratchKafka.requirement, ScratchPostgres.requirement, ScratchRedis.requirement)
struct SagaServerTests {
    /// The badges of a customer and whether their events are published, a line each.
    private func awards(_ stack: ServerStack, customer: Int) async throws -> String {
        try await stack.sql(
            """
            SELECT badge, published_at IS NOT NULL FROM badge_awards
            WHERE customer_id = '\(SagaRecords.customer(customer))' ORDER BY badge
            """)
    }

    @Test(
        "Points in, badge out; poison is dead-lettered, mended, drained, and awarded; killed in between",
        .timeLimit(.minutes(5)))
    func saga() async throws {
        let stack = try await ServerStack()
        try await stack.translate("badge.gold")
        var server = try await stack.start()
        let ten = (0..<10).map { stack.records.points($0, customer: 1, points: 10) }
        try await stack.publish(ten, to: "points.earned")
        #expect(try await eventually(deadline: 90) { try await awards(stack, customer: 1) == "badge.gold|t" })

        // The badge of the second rule has no translation yet: the event is counted and dead-lettered.
        try await stack.publish([stack.records.points(20, customer: 2, points: 500)], to: "points.earned")
        #expect(
            try await eventually(deadline: 90) {
                try await stack.deadLetters().contains("gamification.error.code=badge.unknown")
            })
        try await stack.translate("badge.big")

        server.process.signal(9)
        server = try await stack.start()
        let drain = try await stack.drain()
        #expect(drain.exitCode == 0, "\(drain.output)\(drain.errors)")
        #expect(
            try await eventually(deadline: 90) {
                try await awards(stack, customer: 2) == "badge.big|t\nbadge.gold|t"
            })
        #expect(
            try await stack.sql("SELECT string_agg(points::text, ',' ORDER BY points) FROM customer_points")
                == "100,500")

        // This server has just seen that the badge has no translation, and must not go by that memory.
        try await stack.publish([stack.records.points(30, customer: 3, points: 5000)], to: "points.earned")
        #expect(
            try await eventually(deadline: 90) {
                try await stack.deadLetters().split(separator: "\n").count { $0.contains("badge.unknown") } == 2
            })
        try await stack.translate("badge.huge")
        #expect(try await stack.drain().exitCode == 0)
        #expect(
            try await eventually(deadline: 90) {
                try await awards(stack, customer: 3) == "badge.big|t\nbadge.gold|t\nbadge.huge|t"
            })

        // Rules with a mistake change nothing; others are read again on SIGHUP.
        try await stack.translate("badge.fresh")
        try stack.writeRules("{\"version\": 1, \"rules\": [{\"badge\": \"badge.fresh\", \"when\": {\"totals\": 1}}]}")
        server.process.signal(1)
        #expect(await eventually(deadline: 60) { server.process.errors.contains("the badge rules in force are kept") })
        try stack.writeRules(
            "{\"version\": 1, \"rules\": [{\"badge\": \"badge.fresh\", \"when\": {\"total_points\": 1}}]}")
        server.process.signal(1)
        #expect(await eventually(deadline: 60) { server.process.errors.contains("badge rules read again: 1 in force") })
        try await stack.publish([stack.records.points(40, customer: 4, points: 450)], to: "points.earned")
        #expect(try await eventually(deadline: 90) { try await awards(stack, customer: 4) == "badge.fresh|t" })
        server.process.signal(15)
        #expect(try await server.process.wait(deadline: 40).exitCode == 143)
    }
}
