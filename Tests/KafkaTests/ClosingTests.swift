import Kafka
import Lifecycle
import TestSupport
import Testing

@Suite("Leaving a group", ScratchKafka.requirement, .timeLimit(.minutes(2)))
struct ClosingTests {
    /// As a run does that fails while it gives its partitions back.
    @Test("A consumer that has not answered a rebalance closes in time")
    func unansweredRevoke() async throws {
        let kafka = try await ScratchKafka.shared()
        let topic = try await kafka.createTopic("unanswered", partitions: 2)
        let configuration = KafkaConfiguration(bootstrapServers: kafka.bootstrapServers, clientID: "test")
        let group = uniqueName("unanswered")
        let isClosed = try await BlockingExecutor(name: "closing").run {
            let first = try KafkaConsumer(configuration, group: group, isolation: .readCommitted)
            try first.subscribe([topic])
            try #require(
                eventuallyBlocking {
                    for case .assign(let partitions, _) in try first.pollEvents(timeout: .milliseconds(100)) {
                        try first.assign(partitions.map { PartitionOffset($0, offset: 0) })
                        return true
                    }
                    return false
                })
            let second = try KafkaConsumer(configuration, group: group, isolation: .readCommitted)
            try second.subscribe([topic])
            try #require(
                eventuallyBlocking {
                    for case .revoke in try first.pollEvents(timeout: .milliseconds(100)) { return true }
                    return false
                })
            return (first.close(timeout: .seconds(10)), second.close(timeout: .seconds(20)))
        }
        #expect(isClosed.0 && isClosed.1)
    }
}
