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
        #expect(report.kills >= plan.kills, "\(report)")
        #expect(report.insideTransaction * 2 >= report.kills, "\(report)")
    }
}
