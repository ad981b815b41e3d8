import Events
import Kafka
import Lifecycle

/// Writes dead letters and waits for their acknowledgement. Blocking.
final class DeadLetterWriter {
    /// One record to be written.
    struct Letter {
        let batch: RecordBatch
        let index: Int
        let failure: ProcessingFailure
        let carried: DeadLetter
    }

    private static let patience = Duration.seconds(10)
    private let producer: KafkaProducer
    private let topic: ProducerTopic
    private let policy = HeaderPolicy(.deadLetter)
    private var headers = HeaderBatch()

    /// - Throws: `KafkaError` of kind `configuration`.
    init(_ configuration: KafkaConfiguration, topic: String) throws(KafkaError) {
        var options = ProducerOptions()
        options.queueKilobytes = 8 * 1024
        producer = try KafkaProducer(configuration, transactionalID: nil, options: options)
        self.topic = try producer.topic(topic)
    }

    /// Writes all of them; key, value, timestamp and the headers that are not about failures stay as they are.
    /// - Returns: by place, whether the brokers have acknowledged it; and why one was not.
    func write(_ letters: [Letter]) -> (isWritten: [Bool], failure: KafkaError?) {
        var isWritten = Array(repeating: true, count: letters.count)
        var reason: KafkaError?
        for (place, letter) in letters.enumerated() {
            do throws(KafkaError) {
                try topic.send(record(letter), tag: UInt64(place + 1), timeout: .seconds(1))
            } catch {
                isWritten[place] = false
                reason = error
            }
        }
        if (try? producer.flush(timeout: Self.patience)) == nil {
            // What is not acknowledged by now is written again later, under the same origin.
            try? producer.purge()
            _ = try? producer.flush(timeout: .seconds(1))
        }
        for failure in producer.takeFailures().failures {
            guard let place = Int(exactly: failure.tag), isWritten.indices.contains(place - 1) else { continue }
            isWritten[place - 1] = false
            reason = failure.error
        }
        return (isWritten, reason)
    }

    /// Ends the producer.
    func close() { _ = producer.close(timeout: .seconds(5)) }

    private func record(_ letter: Letter) -> OutgoingRecord {
        var kept: [(name: Kafka.HeaderName, value: [UInt8]?)] = []
        // Headers that cannot be read are what the dead letter is about: then it has only its own.
        _ = try? letter.batch.forEachHeader(letter.index) { name, value in
            if !self.policy.removes(name) {
                kept.append((Kafka.HeaderName(bytes: Array(name)), value.map { Array($0) }))
            }
        }
        headers.setDeadLetter(letter.failure, carried: letter.carried)
        headers.forEach { name, value in
            kept.append((Kafka.HeaderName(bytes: Array(name)), Array(value)))
        }
        let timestamp = letter.batch.timestamp(letter.index)
        return OutgoingRecord(
            key: letter.batch.key(letter.index).map { Array($0) },
            value: letter.batch.value(letter.index).map { Array($0) }, headers: kept,
            timestamp: timestamp.type == .none ? nil : timestamp.milliseconds)
    }
}
