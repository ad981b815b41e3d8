import Redrive
import RedriveProofs
import TestSupport
import Testing

@Suite("A progress topic that was given more partitions", ScratchKafka.requirement, .timeLimit(.minutes(3)))
struct MovedProgressTests {
    @Test("Progress that is not where it belongs is found, and nothing is published over it", arguments: [false, true])
    func refused(offsetsAreForgotten: Bool) async throws {
        let trial = try await Trial("moved", partitions: 1, records: 100)
        #expect(try await trial.drain(run: "first", options: ["--limit", "60"]).exitCode == 0)
        let topics = trial.topics
        let key = ProgressOwner(group: topics.group, topic: topics.source, partition: 0).key
        let before = KeyPartitioner.partition(of: key, count: 3)
        let count = try #require((4...20).first { KeyPartitioner.partition(of: key, count: $0) != before })
        let altered = try await trial.kafka.tool(
            "kafka-topics.sh", ["--alter", "--topic", topics.progress, "--partitions", "\(count)"])
        #expect(altered.exitCode == 0, "\(altered.account)")
        if offsetsAreForgotten {
            let deleted = try await trial.kafka.tool(
                "kafka-consumer-groups.sh", ["--delete", "--group", topics.group])
            #expect(deleted.exitCode == 0, "\(deleted.account)")
        }
        let second = try await trial.drain(run: "second")
        #expect(second.exitCode == 6, "\(second.account)")
        #expect(second.errors.contains("partitions were added"), "\(second.account)")
        await trial.expectEachOnce(where: { $0.index < 60 }, count: 60)
    }
}
