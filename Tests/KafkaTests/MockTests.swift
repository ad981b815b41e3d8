import CRdKafka
import Kafka
import KafkaTestSupport
import TestSupport
import Testing

/// What needs a broker's answers, but none of what the mock cluster lacks.
@Suite(.blocking) struct MockTests {
    @Test func forwardedRecordsAreIdentical() throws {
        let cluster = try MockCluster()
        try cluster.createTopic("source", partitions: 1)
        try cluster.createTopic("target", partitions: 1)
        let configuration = cluster.configuration()
        try produce(configuration, "source", awkwardRecords)
        try forwardAll(configuration, from: "source", to: "target") { _ in }
        let source = try readAll(configuration, "source")
        #expect(source.map(\.key) == awkwardRecords.map(\.key))
        #expect(source.map(\.value) == awkwardRecords.map(\.value))
        #expect(source.map(\.timestamp) == awkwardRecords.map(\.timestamp))
        #expect(
            source.map(\.headers)
                == awkwardRecords.map { $0.headers.map { ReadHeader($0.name.description, $0.value) } })
        #expect(try readAll(configuration, "target") == source)
    }

    @Test func editedHeadersKeepTheOthersInOrder() throws {
        let cluster = try MockCluster()
        try cluster.createTopic("source", partitions: 1)
        try cluster.createTopic("target", partitions: 1)
        let configuration = cluster.configuration()
        try produce(configuration, "source", [awkwardRecords[3]])
        var counts: [Int] = []
        var last: [UInt8]?
        var (missing, null) = (false, false)
        try forwardAll(configuration, from: "source", to: "target") { headers in
            counts.append(headers.count)
            if case .bytes(let bytes) = headers.last(HeaderName("repeated")) { last = Array(bytes) }
            if case .absent = headers.last(HeaderName("missing")) { missing = true }
            if case .null = headers.last(HeaderName("null")) { null = true }
            headers.remove(HeaderName("repeated"))
            headers.remove(HeaderName("missing"))
            [7, 8].withUnsafeBytes { headers.append(HeaderName("added"), UnsafeRawBufferPointer(rebasing: $0[..<1])) }
            headers.append(HeaderName("nothing"), nil)
            headers.append(HeaderName("void"), UnsafeRawBufferPointer(start: nil, count: 0))
            counts.append(headers.count)
        }
        #expect(counts == [6, 7])
        #expect(last == [3, 0, 4])
        #expect(missing && null)
        let record = try #require(try readAll(configuration, "target").first)
        #expect(
            record.headers == [
                ReadHeader("", [2]), ReadHeader("null", nil), ReadHeader("é", [255, 254]), ReadHeader("empty", []),
                ReadHeader("added", [7]), ReadHeader("nothing", nil), ReadHeader("void", []),
            ])
    }

    /// The expected hashes are those of `UtilsTest.testMurmur2` in Apache Kafka; partition = positive hash modulo count.
    @Test func partitionsAreThoseOfJavaClients() throws {
        let hashes: [(String, Int32)] = [
            ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971), ("abc", 479_470_107),
        ]
        let cluster = try MockCluster()
        try cluster.createTopic("keyed", partitions: 7)
        let configuration = cluster.configuration()
        try produce(
            configuration, "keyed", hashes.map { OutgoingRecord(key: Array($0.0.utf8), value: [], timestamp: 1) })
        let found = try readAll(configuration, "keyed")
        #expect(found.count == hashes.count)
        for (key, hash) in hashes {
            let record = try #require(found.first { $0.key == Array(key.utf8) })
            #expect(record.partition == (hash & 0x7FFF_FFFF) % 7, "key \(key)")
        }
    }

    @Test func transientErrorsAreRetriedUntilTheDeadline() throws {
        let cluster = try MockCluster()
        try cluster.createTopic("t", partitions: 2)
        let reader = try KafkaConsumer(cluster.configuration(), group: nil, isolation: .readUncommitted)
        let place = TopicPartition(topic: "t", partition: 1)
        cluster.answer(
            KafkaRequest.listOffsets,
            with: [RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE])
        #expect(try reader.watermarks(of: place, timeout: .seconds(20)).highWatermark == 0)
        #expect(reader.close(timeout: .seconds(10)))
    }

    @Test func recordBeyondTheClientsLimitIsRefusedAtOnce() throws {
        let cluster = try MockCluster()
        try cluster.createTopic("t", partitions: 1)
        let producer = try KafkaProducer(
            cluster.configuration([("message.max.bytes", "1000")]), transactionalID: nil)
        let error = try #require(
            kafkaError {
                try producer.topic("t").send(
                    OutgoingRecord(partition: 0, key: nil, value: .init(repeating: 1, count: 2000)))
            })
        #expect(error.kind == .messageTooLarge)
        #expect(error.topic == "t")
        #expect(producer.close(timeout: .seconds(10)))
    }

    @Test func failedDeliveriesCarryTheirTag() throws {
        let cluster = try MockCluster()
        try cluster.createTopic("t", partitions: 1)
        let producer = try KafkaProducer(cluster.configuration(), transactionalID: nil)
        cluster.answer(KafkaRequest.produce, with: [RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED])
        try producer.topic("t").send(OutgoingRecord(partition: 0, key: nil, value: [1]), tag: UInt64.max - 5)
        try? producer.flush(timeout: .seconds(20))
        let (failures, count) = producer.takeFailures()
        #expect(count == 1)
        let failure = try #require(failures.first)
        #expect(failure.tag == UInt64.max - 5)
        #expect(failure.error.kind == .authorization)
        #expect(failure.error.advice == "grant WRITE on topic t")
        #expect(producer.takeFailures().count == 0)
        #expect(producer.close(timeout: .seconds(10)))
    }

    @Test func missingPermissionOfTheTransactionalIDIsNamed() throws {
        let cluster = try MockCluster()
        cluster.answer(KafkaRequest.initProducerID, with: [RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED])
        let producer = try KafkaProducer(cluster.configuration(), transactionalID: "my-id")
        let error = try #require(kafkaError { try producer.initTransactions(timeout: .seconds(20)) })
        #expect(error.kind == .authorization)
        #expect(error.transactionalID == "my-id")
        #expect(error.advice?.contains("transactional id my-id") == true)
        #expect(producer.close(timeout: .seconds(10)))
    }

    @Test func missingPermissionOfTheGroupComesAsAnEvent() throws {
        let cluster = try MockCluster()
        try cluster.createTopic("t", partitions: 1)
        let consumer = try KafkaConsumer(cluster.configuration(), group: "my-group", isolation: .readCommitted)
        cluster.answer(
            KafkaRequest.joinGroup, with: .init(repeating: RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, count: 10))
        try consumer.subscribe(["t"])
        let error = try waitForEvent(consumer) { event -> KafkaError? in
            if case .error(let error) = event { error } else { nil }
        }
        #expect(error.kind == .authorization)
        #expect(error.advice == "grant READ on group my-group")
        #expect(consumer.close(timeout: .seconds(20)))
    }

    @Test func refusedCommitSaysSo() throws {
        let cluster = try MockCluster()
        try cluster.createTopic("t", partitions: 1)
        let consumer = try KafkaConsumer(cluster.configuration(), group: "g", isolation: .readCommitted)
        let place = TopicPartition(topic: "t", partition: 0)
        try consumer.commit([PartitionOffset(place, offset: 7, metadata: "né \u{1F600}")], timeout: .seconds(20))
        let committed = try consumer.committed([place], timeout: .seconds(20))
        #expect(committed.map(\.offset) == [7])
        #expect(committed.map(\.metadata) == ["né \u{1F600}"])
        cluster.answer(KafkaRequest.offsetCommit, with: [RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION])
        let error = try #require(
            kafkaError { try consumer.commit([PartitionOffset(place, offset: 8)], timeout: .seconds(20)) })
        #expect(error.kind == .fenced)
        #expect(error.groupID == "g")
        let long = PartitionOffset(place, offset: 8, metadata: String(repeating: "x", count: 4097))
        #expect(kafkaError { try consumer.commit([long], timeout: .seconds(20)) }?.kind == .configuration)
        let binary = PartitionOffset(place, offset: 8, metadata: "a\0b")
        #expect(kafkaError { try consumer.commit([binary], timeout: .seconds(20)) }?.kind == .configuration)
        #expect(consumer.close(timeout: .seconds(20)))
    }

    @Test func batchKeepsItsRecordsBeyondTheConsumersEnd() throws {
        let cluster = try MockCluster()
        try cluster.createTopic("t", partitions: 1)
        try produce(cluster.configuration(), "t", [OutgoingRecord(partition: 0, key: [1], value: [2])])
        let reader = try KafkaConsumer(cluster.configuration(), group: nil, isolation: .readCommitted)
        try reader.assign([PartitionOffset(TopicPartition(topic: "t", partition: 0), offset: 0)])
        let batch = RecordBatch(capacity: 10)
        try reader.pollRecords(into: batch, timeout: .seconds(20))
        #expect(batch.entry(0) == .record)
        #expect(reader.close(timeout: .seconds(10)))
        #expect(batch.value(0).map(Array.init) == [2])
        batch.reset()
        #expect(batch.count == 0)
        #expect(kafkaError { try reader.pollRecords(into: batch, timeout: .zero) }?.kind == .closed)
    }

    /// librdkafka reads no more than 100,000 headers; losing them, or the record, silently is not an answer.
    @Test func recordWithUnreadableHeadersIsAnError() throws {
        let cluster = try MockCluster()
        try cluster.createTopic("t", partitions: 1)
        let header: (name: HeaderName, value: [UInt8]?) = (HeaderName("h"), [1])
        let record = OutgoingRecord(
            partition: 0, key: nil, value: [7], headers: .init(repeating: header, count: 100_001))
        try produce(cluster.configuration(), "t", [record])
        let reader = try KafkaConsumer(cluster.configuration(), group: nil, isolation: .readCommitted)
        let producer = try KafkaProducer(cluster.configuration(), transactionalID: nil)
        try reader.assign([PartitionOffset(TopicPartition(topic: "t", partition: 0), offset: 0)])
        let batch = RecordBatch(capacity: 10)
        try reader.pollRecords(into: batch, timeout: .seconds(20))
        #expect(batch.value(0).map(Array.init) == [7])
        let reading = try #require(kafkaError { try batch.forEachHeader(0) { _, _ in } })
        #expect(reading.kind == .invalidRecord)
        #expect(reading.offset == 0)
        let forwarding = kafkaError {
            try producer.topic("t").forward(batch, 0, partition: 0, timestamp: 1, tag: 0) { _ in }
        }
        #expect(forwarding?.kind == .invalidRecord)
        #expect(producer.queuedRecords == 0)
        batch.reset()
        #expect(reader.close(timeout: .seconds(10)))
        #expect(producer.close(timeout: .seconds(10)))
    }

    @Test func queuesKeepPartitionsApart() throws {
        let cluster = try MockCluster()
        try cluster.createTopic("t", partitions: 2)
        try produce(
            cluster.configuration(), "t",
            (0..<20).map { OutgoingRecord(partition: Int32($0 % 2), key: nil, value: [UInt8($0)]) })
        let reader = try KafkaConsumer(cluster.configuration(), group: nil, isolation: .readCommitted)
        try {
            let queues = [try reader.makeRecordQueue(), try reader.makeRecordQueue()]
            try reader.assign(
                (0..<2).map { index in
                    let place = TopicPartition(topic: "t", partition: Int32(index))
                    return (start: PartitionOffset(place, offset: 5), queue: queues[index])
                })
            let batch = RecordBatch(capacity: 100)
            // The second first: it must not wait for the first one's reader.
            for index in [1, 0] {
                var values: [UInt8] = []
                let isWhole = eventuallyBlocking {
                    queues[index].poll(into: batch, timeout: .milliseconds(100))
                    for entry in 0..<batch.count where batch.entry(entry) == .record {
                        #expect(batch.partition(entry) == Int32(index))
                        values.append(contentsOf: batch.value(entry).map(Array.init) ?? [])
                    }
                    return values.count >= 5
                }
                #expect(isWhole)
                #expect(values == (5..<10).map { UInt8($0 * 2 + index) })
            }
            queues[0].wakeUp()
            #expect(queues[0].poll(into: batch, timeout: .seconds(300)) == 0)
        }()
        #expect(reader.close(timeout: .seconds(10)))
    }
}
