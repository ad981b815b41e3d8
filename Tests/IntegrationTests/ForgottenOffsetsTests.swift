import RedriveProofs
import TestSupport
import Testing

@Suite("A broker that forgets", ScratchKafka.requirement, .timeLimit(.minutes(5)))
struct ForgottenOffsetsTests {
    @Test("Progress outlives the group's offsets")
    func forgotten() async throws {
        let kafka = try await ScratchKafka.start(overrides: [
            "offsets.retention.minutes": "1", "offsets.retention.check.interval.ms": "500",
        ])
        let trial = try await Trial("forgets", on: kafka, partitions: 2, records: 500, order: .withinRun)
        let some = try await trial.drain(run: "some", options: ["--merchant", ProofRecord.merchants[1]])
        #expect(some.exitCode == 0, "\(some.account)")
        #expect(try await trial.committedOffsets().contains { $0 != nil })
        let isForgotten = await eventually(deadline: 150) {
            ((try? await trial.committedOffsets()) ?? [0]).allSatisfy { $0 == nil }
        }
        #expect(isForgotten)
        let rest = try await trial.drain(run: "rest")
        #expect(rest.exitCode == 0, "\(rest.account)")
        #expect(rest.errors.contains("forgotten"), "\(rest.errors)")
        await trial.expectEachOnce(count: 1_000)
    }
}
