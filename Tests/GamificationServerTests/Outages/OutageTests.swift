import Postgres
import ServerProofs
import TestSupport
import Testing

@Suite(
    "Two servers under load while what they need is killed", ScratchKafka.requirement, ScratchPostgres.requirement,
    ScratchRedis.requirement, .timeLimit(.minutes(6)))
struct OutageTests {
    /// The long version, of all outages, again and again, is `make prove-server`.
    @Test("What was answered is there once, and what was published is counted once")
    func outages() async throws {
        var plan = ServerPlan()
        (plan.rounds, plan.pause, plan.away) = (1, 1, 1)
        plan.outages = [.firstInstance, .emptyRedis, .postgres]
        (plan.awardsPerSecond, plan.pointsPerSecond) = (50, 100)
        let proof = try await ServerProof(plan)
        let report = try await proof.run()
        #expect(report.isClean, "\(report)")

        // The account finds what is wrong.
        let (first, second) = (SagaRecords.merchant(1), SagaRecords.merchant(2))
        try await proof.stack.sql(
            """
            DELETE FROM badge_awards WHERE badge = 'first-purchase' AND merchant_id = '\(first)';
            UPDATE customer_points SET points = points + 1 WHERE merchant_id = '\(first)'
            """)
        try await proof.stack.redis.cli("DEL", "leaderboard:\(second)")
        var spoilt = ServerReport()
        try await proof.judge(&spoilt)
        for words in ["its row has nothing", "in customer_points", "on the boards", "events on badge.awarded"] {
            #expect(spoilt.faults.contains { $0.contains(words) }, "\(words)")
        }
    }
}
