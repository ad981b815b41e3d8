package import Kafka

/// A record as a test compares it.
package struct ReadRecord: Equatable, Sendable {
    package var partition: Int32
    package var offset: Int64
    package var key: [UInt8]?
    package var value: [UInt8]?
    package var headers: [ReadHeader]
    package var timestamp: Int64

    /// A copy of the record at `index`.
    package init(_ batch: RecordBatch, _ index: Int) throws {
        partition = batch.partition(index)
        offset = batch.offset(index)
        key = batch.key(index).map(Array.init)
        value = batch.value(index).map(Array.init)
        timestamp = batch.timestamp(index).milliseconds
        var headers: [ReadHeader] = []
        try batch.forEachHeader(index) { headers.append(ReadHeader(name: Array($0), value: $1.map(Array.init))) }
        self.headers = headers
    }

    /// The last value of the header `name` as text; nil where it has none.
    package func text(_ name: String) -> String? {
        headers.last { $0.name == Array(name.utf8) }?.value.map { String(decoding: $0, as: UTF8.self) }
    }
}

/// One header of a record, compared byte for byte.
package struct ReadHeader: Equatable, Sendable {
    package var name: [UInt8]
    package var value: [UInt8]?

    /// The header `name`.
    package init(name: [UInt8], value: [UInt8]?) {
        self.name = name
        self.value = value
    }

    /// The header of this name.
    package init(_ name: String, _ value: [UInt8]?) {
        self.init(name: Array(name.utf8), value: value)
    }
}

/// Something did not come by its deadline.
package struct TookTooLong: Error {
    package init() {}
}

/// Waits until readers of committed records see all of a topic. A commit returns before its markers stand in the topic,
/// and a transaction of a process that was killed stays open until it times out.
package func waitUntilStable(
    _ configuration: KafkaConfiguration, _ topic: String, within limit: Duration = .seconds(60)
) throws {
    let stable = try KafkaConsumer(configuration, group: nil, isolation: .readCommitted)
    defer { stable.close(timeout: .seconds(10)) }
    let all = try KafkaConsumer(configuration, group: nil, isolation: .readUncommitted)
    defer { all.close(timeout: .seconds(10)) }
    let deadline = ContinuousClock.now + limit
    for partition in try all.partitions(of: topic, timeout: .seconds(20)) {
        while true {
            let high = try all.watermarks(of: partition, timeout: .seconds(20)).highWatermark
            if try stable.stableBounds(of: partition, timeout: .seconds(20)).lastStableOffset >= high { break }
            guard ContinuousClock.now < deadline else { throw TookTooLong() }
        }
    }
}

/// Everything of a topic up to the ends of its partitions, by partition and offset; for readers of committed records
/// once the topic is stable.
package func readAll(
    _ configuration: KafkaConfiguration, _ topic: String, isolation: KafkaConsumer.Isolation = .readCommitted
) throws -> [ReadRecord] {
    if isolation == .readCommitted { try waitUntilStable(configuration, topic) }
    let reader = try KafkaConsumer(configuration, group: nil, isolation: isolation)
    defer { reader.close(timeout: .seconds(10)) }
    let partitions = try reader.partitions(of: topic, timeout: .seconds(20))
    try reader.assign(partitions.map { PartitionOffset($0, offset: 0) })
    let batch = RecordBatch(capacity: 1000)
    var records: [ReadRecord] = []
    var ended: Set<Int32> = []
    // Where a topic grows all the while, fetches find records and never an end.
    let ends = try partitions.map { partition in
        try isolation == .readCommitted
            ? reader.stableBounds(of: partition, timeout: .seconds(20)).lastStableOffset
            : reader.watermarks(of: partition, timeout: .seconds(20)).highWatermark
    }
    let deadline = ContinuousClock.now + .seconds(30)
    while ended.count < partitions.count {
        guard ContinuousClock.now < deadline else { throw TookTooLong() }
        try reader.pollRecords(into: batch, timeout: .milliseconds(200))
        for index in 0..<batch.count {
            switch batch.entry(index) {
            case .record:
                records.append(try ReadRecord(batch, index))
                let partition = batch.partition(index)
                if batch.offset(index) + 1 >= ends[Int(partition)] { ended.insert(partition) }
            case .endOfPartition: ended.insert(batch.partition(index))
            case .error: throw batch.error(index) ?? TookTooLong()
            }
        }
    }
    batch.reset()
    return records.sorted { ($0.partition, $0.offset) < ($1.partition, $1.offset) }
}

/// Sends records and waits until they are there.
package func produce(_ configuration: KafkaConfiguration, _ topic: String, _ records: [OutgoingRecord]) throws {
    let producer = try KafkaProducer(configuration, transactionalID: nil)
    try {
        let handle = try producer.topic(topic)
        for record in records { try handle.send(record) }
        try producer.flush(timeout: .seconds(30))
    }()
    if let failure = producer.takeFailures().failures.first { throw failure.error }
    producer.close(timeout: .seconds(10))
}

/// What a closure throws, as a `KafkaError`.
package func kafkaError(_ body: () throws -> Void) -> KafkaError? {
    do {
        try body()
        return nil
    } catch {
        return error as? KafkaError
    }
}

/// Polls until the wanted event comes; the others are dropped.
package func waitForEvent<Result>(
    _ consumer: KafkaConsumer, within limit: Duration = .seconds(30), _ wanted: (ConsumerEvent) throws -> Result?
) throws -> Result {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        for event in try consumer.pollEvents(timeout: .milliseconds(100)) {
            if let result = try wanted(event) { return result }
        }
    }
    throw TookTooLong()
}
