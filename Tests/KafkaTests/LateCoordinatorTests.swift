import Kafka
import KafkaTestSupport
import TestSupport
import Testing

/// A group's coordinator that comes back after its caller has given up.
@Suite("A coordinator that is late", .blocking)
struct LateCoordinatorTests {
    @Test("It is asked again, and whoever gave up is none the worse")
    func coordinatorComesBack() throws {
        let cluster = try MockCluster(brokers: 2)
        try cluster.setCoordinator("group", key: "g", broker: 2)
        try cluster.setBroker(2, isUp: false)
        let admin = try KafkaAdmin(cluster.configuration())
        for _ in 0..<3 {
            let error = try #require(
                kafkaError { _ = try admin.groupOffsets("g", timeout: .milliseconds(700)) })
            #expect(error.kind == .timedOut || error.kind == .unreachable)
        }
        try cluster.setBroker(2, isUp: true)
        // The requests that were given up find their coordinator before this one does.
        #expect(try admin.groupOffsets("g", timeout: .seconds(60)) == [])
        #expect(admin.close(timeout: .seconds(10)))
    }

    @Test("A client ends although a request of it still waits")
    func closing() throws {
        let cluster = try MockCluster(brokers: 2)
        try cluster.setCoordinator("group", key: "g", broker: 2)
        try cluster.setBroker(2, isUp: false)
        let admin = try KafkaAdmin(cluster.configuration())
        #expect(kafkaError { _ = try admin.groupOffsets("g", timeout: .milliseconds(700)) } != nil)
        #expect(admin.close(timeout: .seconds(10)))
    }
}
