import Kafka
import KafkaTestSupport
import Testing
import TestSupport

/// Administrative requests, on Apache Kafka.
@Suite(ScratchKafka.requirement, .blocking) struct AdminTests {
    @Test func topicsAreMadeDescribedAndDeleted() async throws {
        let kafka = try await ScratchKafka.shared()
        let admin = try KafkaAdmin(kafka.configuration())
        let (name, checked) = (uniqueName("made"), uniqueName("checked"))
        let topic = NewTopic(
            name: name, partitions: 3, settings: ["cleanup.policy": "compact", "segment.bytes": "16777216"])
        #expect(try admin.createTopics([topic], timeout: .seconds(30)).isEmpty)
        let again = try admin.createTopics([topic], timeout: .seconds(30))
        #expect(again[name]?.kind == .alreadyExists)
        let wrong = NewTopic(name: checked, partitions: 1, settings: ["cleanup.policy": "nonsense"])
        #expect(try admin.createTopics([wrong], timeout: .seconds(30))[checked]?.kind == .configuration)
        let fine = NewTopic(name: checked, partitions: 1)
        #expect(try admin.createTopics([fine], validateOnly: true, timeout: .seconds(30)).isEmpty)
        #expect(try eventuallyBlocking { try admin.topics(timeout: .seconds(30))[name] == 3 })
        #expect(try admin.topics(timeout: .seconds(30))[checked] == nil)
        let settings = try #require(try admin.topicSettings([name], timeout: .seconds(30))[name])
        #expect(settings["cleanup.policy"]?.value == "compact")
        #expect(settings["cleanup.policy"]?.isDefault == false)
        #expect(settings["max.message.bytes"]?.isDefault == true)
        #expect(settings["message.timestamp.type"]?.value == "CreateTime")
        let error = kafkaError { _ = try admin.topicSettings([checked], timeout: .seconds(30)) }
        #expect(error?.kind == .unknownTopic)
        #expect(error?.topic == checked)
        #expect(try admin.deleteTopics([name], timeout: .seconds(30)).isEmpty)
        #expect(try admin.deleteTopics([checked], timeout: .seconds(30))[checked]?.kind == .unknownTopic)
        #expect(admin.close(timeout: .seconds(10)))
    }

    @Test func groupsAreDescribedWithMembersAndOffsets() async throws {
        let kafka = try await ScratchKafka.shared()
        let admin = try KafkaAdmin(kafka.configuration())
        let name = try await kafka.createTopic("grouped", partitions: 2)
        let group = uniqueName("g")
        let missing = try admin.describeGroup(group, timeout: .seconds(30))
        #expect(missing.state == .dead)
        #expect(missing.members.isEmpty)
        let consumer = try KafkaConsumer(kafka.configuration(), group: group, isolation: .readCommitted)
        let membership = try join(consumer, name)
        let description = try admin.describeGroup(group, timeout: .seconds(30))
        #expect(description.state == .stable)
        #expect(description.members.map(\.clientID) == ["test"])
        #expect(description.members.map(\.memberID) == [membership.memberID])
        #expect(description.members.first?.host.isEmpty == false)
        #expect(description.members.first?.partitions.count == 2)
        let place = TopicPartition(topic: name, partition: 1)
        try consumer.commit([PartitionOffset(place, offset: 3, metadata: "note")], timeout: .seconds(30))
        let offsets = try admin.groupOffsets(group, timeout: .seconds(30))
        #expect(offsets == [CommittedOffset(partition: place, offset: 3, metadata: "note")])
        #expect(consumer.close(timeout: .seconds(20)))
        let left = try admin.describeGroup(group, timeout: .seconds(30))
        #expect(left.state == .empty)
        #expect(admin.close(timeout: .seconds(10)))
    }

    @Test func recordsAreDeletedUpToAnOffset() async throws {
        let kafka = try await ScratchKafka.shared()
        let admin = try KafkaAdmin(kafka.configuration())
        let name = try await kafka.createTopic("cut")
        let place = TopicPartition(topic: name, partition: 0)
        try produce(
            kafka.configuration(), name, (0..<5).map { OutgoingRecord(partition: 0, key: nil, value: [$0]) })
        #expect(
            try admin.deleteRecords(before: [PartitionOffset(place, offset: 3)], timeout: .seconds(30)) == [place: 3])
        let reader = try KafkaConsumer(kafka.configuration(), group: nil, isolation: .readUncommitted)
        let marks = try reader.watermarks(of: place, timeout: .seconds(30))
        #expect(marks.logStart == 3)
        #expect(marks.highWatermark == 5)
        #expect(reader.close(timeout: .seconds(10)))
        #expect(admin.close(timeout: .seconds(10)))
    }

    @Test func clusterIsDescribed() async throws {
        let kafka = try await ScratchKafka.shared()
        let admin = try KafkaAdmin(kafka.configuration())
        #expect(try admin.brokers(timeout: .seconds(30)).map { "\($0.host):\($0.port)" } == [kafka.bootstrapServers])
        #expect(try !admin.clusterID(timeout: .seconds(30)).isEmpty)
        #expect(admin.close(timeout: .seconds(10)))
        #expect(kafkaError { _ = try admin.brokers(timeout: .seconds(1)) }?.kind == .closed)
    }
}
