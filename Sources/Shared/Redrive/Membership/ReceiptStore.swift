package import Kafka
package import Lifecycle

/// What a transaction says beside the progress, in the same topic: how far a file is committed. Readers of the progress
/// pass over these keys, since no partition's number stands in them.
///
/// Blocking: on a blocking executor, one thread at a time.
package struct ReceiptStore: Sendable {
    private let kafka: KafkaConfiguration
    private let topic: String
    private let patience: Duration
    private let stop: StopFlag

    /// - Parameter topic: the progress topic.
    package init(_ kafka: KafkaConfiguration, topic: String, patience: Duration, stop: StopFlag) {
        self.kafka = kafka
        self.topic = topic
        self.patience = patience
        self.stop = stop
    }

    /// The key of a file's receipt: `kind` is a word, `id` the file's own.
    package static func key(_ kind: String, group: String, topic: String, id: String) -> String {
        "\(group)/\(topic)/\(kind)/\(id)"
    }

    /// The last value under `key` that is committed; nil where there is none. Waits for open transactions.
    package func read(_ key: String) throws -> [UInt8]? {
        var options = ConsumerOptions()
        options.fetchWaitMilliseconds = 10
        let stable = try KafkaConsumer(kafka, group: nil, isolation: .readCommitted, options: options)
        defer { stable.close(timeout: .seconds(5)) }
        let all = try KafkaConsumer(kafka, group: nil, isolation: .readUncommitted)
        defer { all.close(timeout: .seconds(5)) }
        let target = try partition(of: key, stable)
        let bounds = try all.watermarks(of: target, timeout: patience)
        guard bounds.highWatermark > bounds.logStart else { return nil }
        try stable.assign([PartitionOffset(target, offset: bounds.logStart)])
        let batch = RecordBatch(capacity: 1_000)
        defer { batch.reset() }
        var wait = StableWait(patience: patience)
        var position = bounds.logStart
        var value: [UInt8]?
        while position < bounds.highWatermark {
            try stable.pollRecords(into: batch, timeout: .milliseconds(100))
            for case .error(let error) in try stable.pollEvents(timeout: .zero) { try error.throwUnlessPassing() }
            for index in 0..<batch.count {
                switch batch.entry(index) {
                case .record:
                    position = batch.offset(index) + 1
                    if batch.key(index)?.elementsEqual(key.utf8) == true {
                        value = batch.value(index).map { Array($0) }
                    }
                case .endOfPartition: position = max(position, batch.offset(index))
                case .error: try batch.error(index)?.throwUnlessPassing()
                }
            }
            if batch.count > 0 { wait.moved() }
            if stop.isSet, batch.count == 0 { throw RedriveError.stopped(waitingFor: "open transactions on \(target)") }
            if case .giveUp = wait.poll() {
                throw RedriveError.progressNotStable(
                    topic: topic, partition: target.partition, seconds: wait.seconds)
            }
        }
        return value
    }

    /// Sends a value in the publisher's open transaction.
    ///
    /// - Parameter partitions: how many the topic has.
    package func send(
        _ value: [UInt8], under key: String, partitions: Int32, with publisher: Publisher
    ) throws(KafkaError) {
        try publisher.topic(topic).send(
            OutgoingRecord(
                partition: KeyPartitioner.partition(of: key, count: partitions), key: Array(key.utf8), value: value))
    }

    /// How many partitions the topic has.
    package func partitionCount() throws(KafkaError) -> Int32 {
        let reader = try KafkaConsumer(kafka, group: nil, isolation: .readCommitted)
        defer { reader.close(timeout: .seconds(5)) }
        return try reader.partitionCount(of: topic, timeout: patience)
    }

    private func partition(of key: String, _ reader: KafkaConsumer) throws(KafkaError) -> TopicPartition {
        let count = try reader.partitionCount(of: topic, timeout: patience)
        return TopicPartition(topic: topic, partition: KeyPartitioner.partition(of: key, count: count))
    }
}
