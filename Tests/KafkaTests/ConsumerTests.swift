import Kafka
import KafkaTestSupport
import Testing
import TestSupport

/// Records and events of a consumer, on Apache Kafka.
@Suite(ScratchKafka.requirement, .blocking) struct ConsumerTests {
    private func fill(_ kafka: ScratchKafka, _ topic: String, partition: Int32 = 0, _ values: Range<UInt8>) throws {
        try produce(
            kafka.configuration(), topic,
            values.map { OutgoingRecord(partition: partition, key: nil, value: [$0], timestamp: 1000 + Int64($0)) })
    }

    /// Takes records until the next mark of a partition's end.
    private func valuesToTheEnd(_ consumer: KafkaConsumer, _ batch: RecordBatch) throws -> [UInt8] {
        var values: [UInt8] = []
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            try consumer.pollRecords(into: batch, timeout: .milliseconds(200))
            for index in 0..<batch.count {
                if batch.entry(index) == .endOfPartition { return values }
                if let error = batch.error(index) { throw error }
                values.append(contentsOf: batch.value(index).map(Array.init) ?? [])
            }
        }
        throw TookTooLong()
    }

    @Test func forwardedRecordsAreIdentical() async throws {
        let kafka = try await ScratchKafka.shared()
        let source = try await kafka.createTopic("source")
        let target = try await kafka.createTopic("target")
        let configuration = kafka.configuration()
        try produce(configuration, source, awkwardRecords)
        try forwardAll(configuration, from: source, to: target) { _ in }
        let read = try readAll(configuration, source)
        #expect(read.map(\.key) == awkwardRecords.map(\.key))
        #expect(read.map(\.value) == awkwardRecords.map(\.value))
        #expect(read.map(\.timestamp) == awkwardRecords.map(\.timestamp))
        #expect(
            read.map(\.headers) == awkwardRecords.map { $0.headers.map { ReadHeader($0.name.description, $0.value) } })
        #expect(try readAll(configuration, target) == read)
    }

    @Test func seekDropsWhatWasFetchedAhead() async throws {
        let kafka = try await ScratchKafka.shared()
        let name = try await kafka.createTopic("seek")
        let place = TopicPartition(topic: name, partition: 0)
        try fill(kafka, name, 0..<50)
        let reader = try KafkaConsumer(kafka.configuration(), group: nil, isolation: .readCommitted)
        try reader.assign([PartitionOffset(place, offset: 0)])
        let batch = RecordBatch(capacity: 1)
        try reader.pollRecords(into: batch, timeout: .seconds(20))
        #expect(batch.value(0).map(Array.init) == [0])
        // 49 more are in the queue by now, or on their way.
        try reader.seek([PartitionOffset(place, offset: 40)], timeout: .seconds(20))
        #expect(try valuesToTheEnd(reader, batch) == Array(40..<50))
        #expect(try reader.positions(of: [place]) == [place: 50])
        try reader.seek([PartitionOffset(place, offset: 10)], timeout: .seconds(20))
        #expect(try valuesToTheEnd(reader, RecordBatch(capacity: 100)) == Array(10..<50))
        batch.reset()
        #expect(reader.close(timeout: .seconds(10)))
    }

    @Test func unassignDropsWhatWasFetchedAhead() async throws {
        let kafka = try await ScratchKafka.shared()
        let name = try await kafka.createTopic("unassign", partitions: 2)
        try fill(kafka, name, partition: 0, 0..<50)
        try fill(kafka, name, partition: 1, 100..<150)
        let places = [0, 1].map { TopicPartition(topic: name, partition: $0) }
        let reader = try KafkaConsumer(kafka.configuration(), group: nil, isolation: .readCommitted)
        try reader.assign(places.map { PartitionOffset($0, offset: 0) })
        let batch = RecordBatch(capacity: 1)
        try reader.pollRecords(into: batch, timeout: .seconds(20))
        try reader.unassign()
        #expect(try reader.pollRecords(into: batch, timeout: .milliseconds(100)) == 0)
        #expect(try reader.assignment().isEmpty)
        try reader.assign([PartitionOffset(places[1], offset: 30)])
        #expect(try reader.assignment() == [places[1]])
        #expect(try valuesToTheEnd(reader, batch) == Array(130..<150))
        batch.reset()
        #expect(reader.close(timeout: .seconds(10)))
    }

    /// A rebalance must not wait for the records that lie before it.
    @Test func rebalanceArrivesWhileRecordsWait() async throws {
        let kafka = try await ScratchKafka.shared()
        let name = try await kafka.createTopic("flow", partitions: 2)
        for partition in 0..<2 { try fill(kafka, name, partition: Int32(partition), 0..<200) }
        let group = uniqueName("g")
        let first = try KafkaConsumer(kafka.configuration(), group: group, isolation: .readCommitted)
        let second = try KafkaConsumer(kafka.configuration(), group: group, isolation: .readCommitted)
        _ = try join(first, name)
        let batch = RecordBatch(capacity: 1)
        try first.pollRecords(into: batch, timeout: .seconds(20))
        try second.subscribe([name])
        var taken = 1
        let deadline = ContinuousClock.now + .seconds(30)
        var revoked: [TopicPartition] = []
        while revoked.isEmpty, ContinuousClock.now < deadline {
            _ = try second.pollEvents(timeout: .zero)
            for case .revoke(let partitions, _) in try first.pollEvents(timeout: .milliseconds(5)) {
                revoked = partitions
            }
            if revoked.isEmpty, taken < 300 { taken += try first.pollRecords(into: batch, timeout: .zero) }
        }
        #expect(revoked.count == 2)
        #expect(taken < 400)
        try first.unassign()
        #expect(try first.pollRecords(into: batch, timeout: .milliseconds(50)) == 0)
        batch.reset()
        #expect(second.close(timeout: .seconds(20)))
        #expect(first.close(timeout: .seconds(20)))
    }

    @Test func waitForRecordsEndsWhenAnEventComes() async throws {
        let kafka = try await ScratchKafka.shared()
        let name = try await kafka.createTopic("event")
        let consumer = try KafkaConsumer(kafka.configuration(), group: uniqueName("g"), isolation: .readCommitted)
        try consumer.subscribe([name])
        let batch = RecordBatch(capacity: 10)
        let start = ContinuousClock.now
        #expect(try consumer.pollRecords(into: batch, timeout: .seconds(300)) == 0)
        #expect(ContinuousClock.now - start < .seconds(60))
        #expect(try !consumer.pollEvents(timeout: .zero).isEmpty)
        consumer.wakeUp()
        #expect(try consumer.pollRecords(into: batch, timeout: .seconds(300)) == 0)
        #expect(consumer.close(timeout: .seconds(20)))
    }

    @Test func closingHandsThePartitionsOverAtOnce() async throws {
        let kafka = try await ScratchKafka.shared()
        let name = try await kafka.createTopic("leave")
        let group = uniqueName("g")
        let first = try KafkaConsumer(kafka.configuration(), group: group, isolation: .readCommitted)
        _ = try join(first, name)
        #expect(first.close(timeout: .seconds(20)))
        #expect(kafkaError { _ = try first.pollEvents(timeout: .zero) }?.kind == .closed)
        let second = try KafkaConsumer(kafka.configuration(), group: group, isolation: .readCommitted)
        let start = ContinuousClock.now
        _ = try join(second, name)
        // Without leaving it would be the session's time-out: ten seconds.
        #expect(ContinuousClock.now - start < .seconds(9))
        #expect(second.close(timeout: .seconds(20)))
    }

    @Test func offsetBeyondTheLogIsAnErrorAndNotAJump() async throws {
        let kafka = try await ScratchKafka.shared()
        let name = try await kafka.createTopic("range")
        try fill(kafka, name, 0..<3)
        let reader = try KafkaConsumer(kafka.configuration(), group: nil, isolation: .readCommitted)
        try reader.assign([PartitionOffset(TopicPartition(topic: name, partition: 0), offset: 1000)])
        let batch = RecordBatch(capacity: 10)
        try reader.pollRecords(into: batch, timeout: .seconds(20))
        #expect(batch.count == 1)
        let error = try #require(batch.error(0))
        #expect(error.kind == .offsetOutOfRange)
        #expect(error.topic == name)
        batch.reset()
        #expect(reader.close(timeout: .seconds(10)))
    }

    @Test func timesAreLookedUp() async throws {
        let kafka = try await ScratchKafka.shared()
        let name = try await kafka.createTopic("times")
        try fill(kafka, name, 0..<10)
        let place = TopicPartition(topic: name, partition: 0)
        let reader = try KafkaConsumer(kafka.configuration(), group: nil, isolation: .readCommitted)
        #expect(try reader.offsets(at: 1004, in: [place], timeout: .seconds(20)) == [place: 4])
        #expect(try reader.offsets(at: 9000, in: [place], timeout: .seconds(20)) == [place: nil])
        #expect(reader.close(timeout: .seconds(10)))
    }

    @Test func pausedPartitionGivesNothingUntilResumed() async throws {
        let kafka = try await ScratchKafka.shared()
        let name = try await kafka.createTopic("pause")
        try fill(kafka, name, 0..<20)
        let place = TopicPartition(topic: name, partition: 0)
        let reader = try KafkaConsumer(kafka.configuration(), group: nil, isolation: .readCommitted)
        try reader.assign([PartitionOffset(place, offset: 0)])
        let batch = RecordBatch(capacity: 1)
        try reader.pollRecords(into: batch, timeout: .seconds(20))
        try reader.pause([place])
        #expect(try reader.pollRecords(into: batch, timeout: .milliseconds(300)) == 0)
        try reader.resume([place])
        #expect(try valuesToTheEnd(reader, batch) == Array(1..<20))
        batch.reset()
        #expect(reader.close(timeout: .seconds(10)))
    }

    @Test func timestampsSayWhoseTheyAre() async throws {
        let kafka = try await ScratchKafka.shared()
        let appended = try await kafka.createTopic("appended", settings: ["message.timestamp.type": "LogAppendTime"])
        let created = try await kafka.createTopic("created")
        for (name, type) in [(appended, RecordBatch.TimestampType.logAppendTime), (created, .createTime)] {
            try fill(kafka, name, 0..<1)
            let reader = try KafkaConsumer(kafka.configuration(), group: nil, isolation: .readCommitted)
            try reader.assign([PartitionOffset(TopicPartition(topic: name, partition: 0), offset: 0)])
            let batch = RecordBatch(capacity: 10)
            try reader.pollRecords(into: batch, timeout: .seconds(20))
            #expect(batch.entry(0) == .record)
            #expect(batch.timestamp(0).type == type)
            #expect((batch.timestamp(0).milliseconds == 1000) == (type == .createTime))
            batch.reset()
            #expect(reader.close(timeout: .seconds(10)))
        }
    }
}
