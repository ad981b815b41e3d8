import Kafka
import Lifecycle

/// What stands in a topic, read once from its start to its stable end.
struct Arrivals {
    struct Record {
        let key: [UInt8]?
        let value: [UInt8]?
        let timestamp: Int64
        /// The last value of each header.
        let headers: [String: [UInt8]]

        func text(_ header: String) -> String? { headers[header].map { String(decoding: $0, as: UTF8.self) } }
    }

    let records: [Record]

    init(in topic: String, _ kafka: KafkaConfiguration) throws {
        let consumer = try KafkaConsumer(kafka, group: nil, isolation: .readCommitted)
        defer { consumer.close(timeout: .seconds(5)) }
        let partitions = try consumer.partitions(of: topic, timeout: .seconds(30))
        let starts = try partitions.map {
            PartitionOffset($0, offset: try consumer.stableBounds(of: $0, timeout: .seconds(30)).logStart)
        }
        try consumer.assign(starts)
        var unfinished = Set(partitions)
        var records: [Record] = []
        let batch = RecordBatch(capacity: 1_000)
        let start = MonotonicInstant.now()
        while !unfinished.isEmpty {
            guard MonotonicInstant.now().seconds(since: start) < 60 else {
                throw DemoError("\(topic) could not be read to its end in a minute")
            }
            for index in 0..<(try consumer.pollRecords(into: batch, timeout: .milliseconds(200))) {
                switch batch.entry(index) {
                case .record: records.append(try Record(batch, index))
                case .endOfPartition: unfinished.remove(batch.topicPartition(index))
                case .error: if let error = batch.error(index), error.isFatal { throw error }
                }
            }
        }
        batch.reset()
        self.records = records
    }
}

extension Arrivals.Record {
    init(_ batch: RecordBatch, _ index: Int) throws {
        key = batch.key(index).map { Array($0) }
        value = batch.value(index).map { Array($0) }
        timestamp = batch.timestamp(index).milliseconds
        var headers: [String: [UInt8]] = [:]
        try batch.forEachHeader(index) { name, value in
            headers[String(decoding: name, as: UTF8.self)] = value.map { Array($0) }
        }
        self.headers = headers
    }
}
