import Kafka
import Lifecycle
import TestSupport
import Testing

@Suite("Leaving a group", ScratchKafka.requirement, .timeLimit(.minutes(2)))
struct ClosingTests {
    /// As a run does that fails while it gives its partitions back.
    @Test("A consumer that has not answered a rebalance closes in time", arguments: [false, true])
    func unansweredRevoke(isLost: Bool) async throws {
        let kafka = try await ScratchKafka.shared()
        let topic = try await kafka.createTopic("unanswered", partitions: 2)
        let configuration = KafkaConfiguration(bootstrapServers: kafka.bootstrapServers, clientID: "test")
        let group = uniqueName("unanswered")
        let isClosed = try await BlockingExecutor(name: "closing").run {
            var options = ConsumerOptions()
            if isLost { (options.sessionTimeoutMilliseconds, options.maximumPollIntervalMilliseconds) = (2_000, 2_000) }
            options.heartbeatIntervalMilliseconds = 500
            let first = try KafkaConsumer(configuration, group: group, isolation: .readCommitted, options: options)
            var queue: RecordQueue? = try first.makeRecordQueue()
            try first.subscribe([topic])
            try #require(
                eventuallyBlocking {
                    for case .assign(let partitions, _) in try first.pollEvents(timeout: .milliseconds(100)) {
                        guard let queue else { return false }
                        try first.assign(partitions.map { (PartitionOffset($0, offset: 0), queue) })
                        return true
                    }
                    return false
                })
            let second = try KafkaConsumer(configuration, group: group, isolation: .readCommitted)
            if isLost {
                // It does not poll for longer than it may.
                try #require(eventuallyBlocking { first.assignmentLost })
            } else {
                try second.subscribe([topic])
            }
            try #require(
                eventuallyBlocking {
                    for case .revoke in try first.pollEvents(timeout: .milliseconds(100)) { return true }
                    return false
                })
            queue = nil
            return (first.close(timeout: .seconds(10)), second.close(timeout: .seconds(20)))
        }
        #expect(isClosed.0 && isClosed.1)
    }
}
