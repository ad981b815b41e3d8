package import Events
package import Kafka
import Lifecycle

/// Fetches the body of a dead letter that has none from where the record came from (KIP-1191 makes copying it an
/// option). Blocking; one thread at a time.
package final class OriginReader {
    private let kafka: KafkaConfiguration
    private let patience: Duration
    private var reader: KafkaConsumer?
    private let batch = RecordBatch(capacity: 1)

    /// - Parameter patience: how long the brokers are waited for with each body.
    package init(_ kafka: KafkaConfiguration, patience: Duration) {
        self.kafka = kafka
        self.patience = patience
    }

    deinit {
        batch.reset()
        reader?.close(timeout: .seconds(2))
    }

    /// The value of the record at `origin`, if key and timestamp there equal the dead letter's; nil where it is gone, or
    /// another one, or has no value either.
    ///
    /// - Parameter timestamp: milliseconds since 1970.
    package func value(at origin: Origin, key: UnsafeRawBufferPointer?, timestamp: Int64) throws(KafkaError) -> [UInt8]?
    {
        let partition = TopicPartition(topic: origin.topic, partition: origin.partition)
        do throws(KafkaError) {
            let reader = try openReader()
            let bounds = try reader.watermarks(of: partition, timeout: patience)
            guard (bounds.logStart..<bounds.highWatermark).contains(origin.offset) else { return nil }
            try reader.assign([PartitionOffset(partition, offset: origin.offset)])
            defer { try? reader.unassign() }
            guard try poll(reader, origin) else { return nil }
        } catch {
            if error.kind == .unknownTopic || error.kind == .offsetOutOfRange { return nil }
            throw error
        }
        guard batch.timestamp(0).milliseconds == timestamp, Self.equal(batch.key(0), key) else { return nil }
        return batch.value(0).map { Array($0) }
    }

    private func openReader() throws(KafkaError) -> KafkaConsumer {
        if let reader { return reader }
        var options = ConsumerOptions()
        options.prefetchKilobytes = 1024
        options.fetchKilobytes = 1024
        options.fetchWaitMilliseconds = 10
        let opened = try KafkaConsumer(kafka, group: nil, isolation: .readUncommitted, options: options)
        reader = opened
        return opened
    }

    /// Whether the record at the origin's offset has been read.
    private func poll(_ reader: KafkaConsumer, _ origin: Origin) throws(KafkaError) -> Bool {
        let start = MonotonicInstant.now()
        while MonotonicInstant.now().seconds(since: start) < Double(patience.components.seconds) {
            guard try reader.pollRecords(into: batch, timeout: .milliseconds(100)) > 0 else { continue }
            switch batch.entry(0) {
            case .record: return batch.offset(0) == origin.offset
            case .endOfPartition: return false
            case .error:
                if let error = batch.error(0), error.kind != .unreachable, error.kind != .timedOut { throw error }
            }
        }
        throw KafkaError(.consume, kind: .timedOut, reason: "the origin record could not be read")
    }

    private static func equal(_ left: UnsafeRawBufferPointer?, _ right: UnsafeRawBufferPointer?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return left.elementsEqual(right)
    }
}
