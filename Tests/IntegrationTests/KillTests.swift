import RedriveProofs
import TestSupport
import Testing

@Suite("A drain that is killed", ScratchKafka.requirement, .timeLimit(.minutes(6)))
struct KillTests {
    /// The long version, with 200 kills over 100,000 records, is `prove-redrive kills`.
    @Test("12 kills over 20,000 records lose nothing and repeat nothing, with two copies side by side")
    func kills() async throws {
        var plan = KillPlan()
        plan.kills = 12
        plan.records = 20_000
        let report = try await KillProof(ScratchKafka.shared(), plan).run()
        #expect(report.isClean, "\(report)")
        // A slow machine may drain the last records before the last kill falls.
        #expect(report.kills * 2 >= plan.kills, "\(report)")
        // About two of three fall inside a transaction. Of 200 at least half must (`prove-redrive kills`); of so few, a third,
        // or chance alone would fail one run in twelve.
        #expect(report.insideTransaction * 3 >= report.kills, "\(report)")
    }

    @Test("Without a progress topic kills lose nothing and repeat nothing")
    func withoutProgress() async throws {
        var plan = KillPlan()
        (plan.kills, plan.records, plan.partitions, plan.keepsProgress) = (4, 4_000, 3, false)
        let report = try await KillProof(ScratchKafka.shared(), plan).run()
        #expect(report.isClean, "\(report)")
        #expect(report.kills * 2 >= plan.kills, "\(report)")
    }

    @Test("At-least-once, kills lose nothing")
    func atLeastOnce() async throws {
        var plan = KillPlan()
        (plan.kills, plan.records, plan.partitions, plan.copies) = (3, 3_000, 3, 1)
        plan.options = ["--delivery", "at-least-once"]
        let report = try await KillProof(ScratchKafka.shared(), plan).run()
        #expect(report.lost == 0 && report.altered == 0 && report.disordered == 0, "\(report)")
        #expect(report.failures.isEmpty && report.settled, "\(report)")
        #expect(report.kills * 2 >= plan.kills, "\(report)")
    }

    /// The long version, 100 times over 20,000 events, is `prove-redrive replay`.
    @Test("A replay ended six times, by SIGKILL and SIGTERM, publishes each event once")
    func replay() async throws {
        let report = try await ReplayProof(ScratchKafka.shared(), stops: 6, records: 6_000).run()
        #expect(report.isClean, "\(report)")
        #expect(report.kills > 0 && report.terms > 0, "\(report)")
    }
}
