import Kafka
import KafkaTestSupport
import Testing
import TestSupport

/// Transactions, isolation and fencing on Apache Kafka: the mock cluster has none of them.
@Suite(ScratchKafka.requirement, .blocking) struct TransactionTests {
    @Test func onlyCommittedRecordsAreSeenByReadCommitted() async throws {
        let kafka = try await ScratchKafka.shared()
        let name = try await kafka.createTopic("isolation", partitions: 1)
        let producer = try kafka.producer(transactionalID: uniqueName("t"))
        try {
            let topic = try producer.topic(name)
            for (value, commits) in [(UInt8(1), true), (2, false), (3, true)] {
                try producer.beginTransaction()
                try topic.send(OutgoingRecord(partition: 0, key: nil, value: [value]))
                try producer.flush(timeout: .seconds(20))
                if commits {
                    try producer.commitTransaction(timeout: .seconds(60))
                } else {
                    try producer.abortTransaction(timeout: .seconds(60))
                }
            }
        }()
        #expect(try readAll(kafka.configuration(), name).map(\.value) == [[1], [3]])
        #expect(
            try readAll(kafka.configuration(), name, isolation: .readUncommitted).map(\.value) == [[1], [2], [3]])
        #expect(producer.close(timeout: .seconds(10)))
    }

    @Test func openTransactionHoldsTheLastStableOffsetBack() async throws {
        let kafka = try await ScratchKafka.shared()
        let name = try await kafka.createTopic("stable", partitions: 1)
        let place = TopicPartition(topic: name, partition: 0)
        let producer = try kafka.producer(transactionalID: uniqueName("t"))
        try producer.beginTransaction()
        try producer.topic(name).send(OutgoingRecord(partition: 0, key: nil, value: [1]))
        try producer.flush(timeout: .seconds(20))
        let committed = try KafkaConsumer(kafka.configuration(), group: nil, isolation: .readCommitted)
        let uncommitted = try KafkaConsumer(kafka.configuration(), group: nil, isolation: .readUncommitted)
        #expect(try committed.stableBounds(of: place, timeout: .seconds(20)).lastStableOffset == 0)
        #expect(try uncommitted.watermarks(of: place, timeout: .seconds(20)).highWatermark == 1)
        #expect(kafkaError { _ = try committed.watermarks(of: place, timeout: .seconds(1)) }?.kind == .configuration)
        #expect(
            kafkaError { _ = try uncommitted.stableBounds(of: place, timeout: .seconds(1)) }?.kind == .configuration)
        try producer.commitTransaction(timeout: .seconds(60))
        // The record and the commit's marker, which the broker writes after it has answered.
        let isStable = try await eventually {
            try committed.stableBounds(of: place, timeout: .seconds(20)).lastStableOffset == 2
        }
        #expect(isStable)
        for client in [committed, uncommitted] { #expect(client.close(timeout: .seconds(10))) }
        #expect(producer.close(timeout: .seconds(10)))
    }

    @Test func offsetsAndMetadataCommitWithTheTransaction() async throws {
        let kafka = try await ScratchKafka.shared()
        let name = try await kafka.createTopic("offsets", partitions: 1)
        let place = TopicPartition(topic: name, partition: 0)
        let group = uniqueName("g")
        let consumer = try KafkaConsumer(kafka.configuration(), group: group, isolation: .readCommitted)
        let membership = try join(consumer, name)
        let producer = try kafka.producer(transactionalID: uniqueName("t"))
        #expect(try consumer.committed([place], timeout: .seconds(60)).map(\.offset) == [nil])
        let metadata = "run=ü;" + String(repeating: "x", count: 4000)
        for (offset, commits) in [(Int64(5), true), (9, false)] {
            try producer.beginTransaction()
            try producer.sendOffsets(
                [PartitionOffset(place, offset: offset, metadata: metadata)], group: membership, timeout: .seconds(60))
            if commits {
                try producer.commitTransaction(timeout: .seconds(60))
            } else {
                try producer.abortTransaction(timeout: .seconds(60))
            }
        }
        let committed = try consumer.committed([place], timeout: .seconds(60))
        #expect(committed.map(\.offset) == [5])
        #expect(committed.map(\.metadata) == [metadata])
        #expect(consumer.close(timeout: .seconds(20)))
        #expect(producer.close(timeout: .seconds(10)))
    }

    /// The membership of an assignment that a rebalance has ended must not commit, though the member lives on.
    @Test func membershipOfAnEarlierGenerationIsRefused() async throws {
        let kafka = try await ScratchKafka.shared()
        let name = try await kafka.createTopic("fenced", partitions: 2)
        let place = TopicPartition(topic: name, partition: 0)
        let group = uniqueName("g")
        let first = try KafkaConsumer(kafka.configuration(), group: group, isolation: .readCommitted)
        let old = try join(first, name)
        let producer = try kafka.producer(transactionalID: uniqueName("t"))
        try producer.beginTransaction()
        let second = try KafkaConsumer(kafka.configuration(), group: group, isolation: .readCommitted)
        try second.subscribe([name])
        let revoked = try waitForEvent(first) { event -> [TopicPartition]? in
            guard case .revoke(let partitions, let lost) = event else { return nil }
            #expect(!lost)
            return partitions
        }
        #expect(Set(revoked).count == 2)
        try first.unassign()
        var new: GroupMetadata?
        var joined = false
        let deadline = ContinuousClock.now + .seconds(30)
        while new == nil || !joined, ContinuousClock.now < deadline {
            for case .assign(let partitions, let membership) in try first.pollEvents(timeout: .milliseconds(50)) {
                try first.assign(partitions.map { PartitionOffset($0, offset: 0) })
                new = membership
            }
            for case .assign(let partitions, _) in try second.pollEvents(timeout: .milliseconds(50)) {
                try second.assign(partitions.map { PartitionOffset($0, offset: 0) })
                joined = true
            }
        }
        let present = try #require(new)
        #expect(present.generation > old.generation)
        let offsets = [PartitionOffset(place, offset: 1, metadata: "m")]
        let error = try #require(
            kafkaError { try producer.sendOffsets(offsets, group: old, timeout: .seconds(60)) })
        #expect(error.kind == .fenced)
        #expect(error.requiresAbort)
        #expect(!error.isFatal)
        #expect(error.groupID == group)
        #expect(kafkaError { try producer.commitTransaction(timeout: .seconds(60)) } != nil)
        try producer.abortTransaction(timeout: .seconds(60))
        // The producer lives on, and the present membership is taken.
        try producer.beginTransaction()
        try producer.sendOffsets(offsets, group: present, timeout: .seconds(60))
        try producer.commitTransaction(timeout: .seconds(60))
        #expect(first.close(timeout: .seconds(20)))
        #expect(second.close(timeout: .seconds(20)))
        #expect(producer.close(timeout: .seconds(10)))
    }

    @Test func consumerThatIsNoMemberCannotCommitInATransaction() async throws {
        let kafka = try await ScratchKafka.shared()
        let name = try await kafka.createTopic("outsider", partitions: 1)
        let consumer = try KafkaConsumer(kafka.configuration(), group: uniqueName("g"), isolation: .readCommitted)
        let place = TopicPartition(topic: name, partition: 0)
        try consumer.assign([PartitionOffset(place, offset: 0)])
        let outsider = try consumer.groupMetadata()
        #expect(!outsider.isMember)
        let producer = try kafka.producer(transactionalID: uniqueName("t"))
        try producer.beginTransaction()
        let error = try #require(
            kafkaError {
                try producer.sendOffsets([PartitionOffset(place, offset: 1)], group: outsider, timeout: .seconds(5))
            })
        #expect(error.kind == .fenced)
        #expect(error.requiresAbort)
        try producer.abortTransaction(timeout: .seconds(60))
        #expect(consumer.close(timeout: .seconds(20)))
        #expect(producer.close(timeout: .seconds(10)))
    }

    @Test func producerOfATakenTransactionalIDIsFatallyFenced() async throws {
        let kafka = try await ScratchKafka.shared()
        let name = try await kafka.createTopic("taken", partitions: 1)
        let id = uniqueName("t")
        let old = try kafka.producer(transactionalID: id)
        try old.beginTransaction()
        try old.topic(name).send(OutgoingRecord(partition: 0, key: nil, value: [1]))
        try old.flush(timeout: .seconds(20))
        let new = try kafka.producer(transactionalID: id)
        let error = try #require(kafkaError { try old.commitTransaction(timeout: .seconds(60)) })
        #expect(error.kind == .fenced)
        #expect(error.isFatal)
        #expect(error.transactionalID == id)
        #expect(try readAll(kafka.configuration(), name).isEmpty)
        #expect(old.close(timeout: .seconds(10)))
        #expect(new.close(timeout: .seconds(10)))
    }

    @Test func recordBeyondTheTopicsLimitFailsTheTransaction() async throws {
        let kafka = try await ScratchKafka.shared()
        let name = try await kafka.createTopic("small", partitions: 1, settings: ["max.message.bytes": "1000"])
        let producer = try kafka.producer(transactionalID: uniqueName("t"))
        try producer.beginTransaction()
        try producer.topic(name).send(
            OutgoingRecord(partition: 0, key: nil, value: .init(repeating: 1, count: 5000)), tag: 77)
        let error = try #require(kafkaError { try producer.commitTransaction(timeout: .seconds(60)) })
        #expect(error.requiresAbort)
        let failure = try #require(producer.takeFailures().failures.first)
        #expect(failure.tag == 77)
        #expect(failure.error.kind == .messageTooLarge)
        #expect(failure.error.advice?.contains(name) == true)
        try producer.abortTransaction(timeout: .seconds(60))
        #expect(producer.close(timeout: .seconds(10)))
    }
}

extension ScratchKafka {
    func configuration() -> KafkaConfiguration {
        KafkaConfiguration(bootstrapServers: bootstrapServers, clientID: "test")
    }

    /// A transactional producer, ready to begin.
    func producer(transactionalID: String, options: ProducerOptions = .init()) throws -> KafkaProducer {
        let producer = try KafkaProducer(configuration(), transactionalID: transactionalID, options: options)
        try producer.initTransactions(timeout: .seconds(60))
        return producer
    }
}

/// Joins and takes the first assignment, from offset 0.
func join(_ consumer: KafkaConsumer, _ topic: String) throws -> GroupMetadata {
    try consumer.subscribe([topic])
    return try waitForEvent(consumer) { event -> GroupMetadata? in
        guard case .assign(let partitions, let membership) = event else { return nil }
        try consumer.assign(partitions.map { PartitionOffset($0, offset: 0) })
        return membership
    }
}
