import Kafka
import Testing

/// Every kind of record that a round trip could change.
let awkwardRecords: [OutgoingRecord] = [
    OutgoingRecord(partition: 0, key: nil, value: nil, timestamp: 1),
    OutgoingRecord(partition: 0, key: [], value: [], timestamp: 1_700_000_000_123),
    OutgoingRecord(partition: 0, key: [0, 255], value: [0], timestamp: 1_700_000_000_124),
    OutgoingRecord(
        partition: 0, key: Array("k".utf8), value: Array("v".utf8),
        headers: [
            (HeaderName("repeated"), [1]), (HeaderName(""), [2]), (HeaderName("null"), nil),
            (HeaderName("repeated"), [3, 0, 4]), (HeaderName("é"), [255, 254]), (HeaderName("empty"), []),
        ], timestamp: 1_600_000_000_000),
    OutgoingRecord(partition: 0, key: nil, value: [9], headers: [(HeaderName(""), nil)], timestamp: 5),
]

func forwardAll(
    _ configuration: KafkaConfiguration, from source: String, to target: String,
    edit: (borrowing HeaderEditor) -> Void
) throws {
    let reader = try KafkaConsumer(configuration, group: nil, isolation: .readCommitted)
    let producer = try KafkaProducer(configuration, transactionalID: nil)
    try reader.assign([PartitionOffset(TopicPartition(topic: source, partition: 0), offset: 0)])
    let batch = RecordBatch(capacity: 100)
    try {
        let topic = try producer.topic(target)
        var isDone = false
        while !isDone {
            try reader.pollRecords(into: batch, timeout: .seconds(10))
            for index in 0..<batch.count {
                guard batch.entry(index) == .record else {
                    isDone = true
                    continue
                }
                try topic.forward(
                    batch, index, partition: 0, timestamp: batch.timestamp(index).milliseconds, tag: 0,
                    editHeaders: edit)
            }
        }
        try producer.flush(timeout: .seconds(10))
    }()
    batch.reset()
    #expect(producer.takeFailures().count == 0)
    #expect(producer.close(timeout: .seconds(10)))
    #expect(reader.close(timeout: .seconds(10)))
}
