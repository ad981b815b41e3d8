import Kafka
import KafkaTestSupport
import TestSupport
import Testing

/// librdkafka asks the leader that it has cached for offsets, and asks it again when it is told that another one leads.
@Suite("A partition whose leader has changed", .blocking)
struct LeaderChangeTests {
    @Test("Its bounds are read from the new one")
    func offsets() throws {
        let cluster = try MockCluster(brokers: 3)
        try cluster.createTopic("moved", partitions: 1)
        try produce(cluster.configuration(), "moved", awkwardRecords)
        let partition = TopicPartition(topic: "moved", partition: 0)
        let reader = try KafkaConsumer(cluster.configuration(), group: nil, isolation: .readUncommitted)
        let stableReader = try KafkaConsumer(cluster.configuration(), group: nil, isolation: .readCommitted)
        defer {
            reader.close(timeout: .seconds(5))
            stableReader.close(timeout: .seconds(5))
        }
        for leader: Int32 in [1, 2, 3] {
            try cluster.setLeader(topic: "moved", partition: 0, broker: leader)
            let bounds = try reader.watermarks(of: partition, timeout: .seconds(10))
            #expect(bounds.highWatermark == Int64(awkwardRecords.count))
            let stable = try stableReader.stableBounds(of: partition, timeout: .seconds(10))
            #expect(stable.lastStableOffset == Int64(awkwardRecords.count))
        }
    }
}
