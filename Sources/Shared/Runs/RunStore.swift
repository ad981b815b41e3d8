package import Kafka
import Lifecycle
import Redrive
import Synchronization

/// Reads and writes the compacted topic in which runs stand.
///
/// Blocking: call from a blocking executor. Any thread; calls wait for each other.
package final class RunStore: Sendable {
    /// What is known of one run.
    package struct Entry: Sendable {
        /// Its record; nil where there is none, or it cannot be read.
        package var record: RunRecord?
        /// What it is to do; nil where nobody has said.
        package var control: RunControl?
        /// The newest line of every copy in the records that sum up as many earlier copies as the newest record does.
        /// Where two copies wrote at once, that record lacks some of them. Only of a run that was read by itself.
        package var lines: [RunCopy] = []
        /// The offset after everything that was read.
        package var next: Int64 = 0
        /// Why its record, or the control, cannot be read.
        package var damage: RunDamage?

        /// Nothing is known.
        package init() {}
    }

    /// Runs that `all` gives at most; the newest are kept.
    package static let maximumRuns = 10_000

    /// The runs topic.
    package let topic: String
    private let kafka: KafkaConfiguration
    private let patience: Duration
    private let reader: KafkaConsumer
    private let producer = Mutex<KafkaProducer?>(nil)
    private let turn = Mutex(())

    /// - Parameter patience: how long a broker, or somebody's open transaction, is waited for.
    package init(_ kafka: KafkaConfiguration, topic: String, patience: Duration) throws(KafkaError) {
        self.kafka = kafka
        self.topic = topic
        self.patience = patience
        var options = ConsumerOptions()
        options.prefetchKilobytes = 4 * 1024
        options.fetchKilobytes = 2 * 1024
        options.fetchWaitMilliseconds = 2
        reader = try KafkaConsumer(kafka, group: nil, isolation: .readCommitted, options: options)
    }

    /// False where a client did not end in time.
    package func close(timeout: Duration) -> Bool {
        let open = producer.withLock { producer in
            defer { producer = nil }
            return producer
        }
        let closed = open?.close(timeout: timeout) ?? true
        return reader.close(timeout: timeout) && closed
    }

    /// Whether the topic exists.
    package func exists() throws(KafkaError) -> Bool {
        do throws(KafkaError) {
            _ = try reader.partitionCount(of: topic, timeout: patience)
            return true
        } catch {
            if error.kind == .unknownTopic { return false }
            throw error
        }
    }

    /// The partition in which everything about a run lies.
    package func partition(of name: String) throws(KafkaError) -> TopicPartition {
        let count = try reader.partitionCount(of: topic, timeout: patience)
        return TopicPartition(topic: topic, partition: KeyPartitioner.partition(of: name, count: count))
    }

    /// One run, up to the present end of its partition; open transactions are waited for.
    package func read(_ name: String) throws -> Entry {
        let partition = try partition(of: name)
        let end = try highWatermark(of: partition)
        var entry = Entry()
        entry.next = end
        try read(partition, to: end) { key, value in
            guard key.name == name else { return }
            let earlier = entry.record?.earlierCopies
            Self.apply(key, value, to: &entry)
            guard case .run = key, let record = entry.record else { return }
            if record.earlierCopies != earlier { entry.lines = [] }
            for line in record.copies { Self.keep(line, in: &entry.lines) }
        }
        return entry
    }

    private static func keep(_ line: RunCopy, in lines: inout [RunCopy]) {
        if let index = lines.firstIndex(where: { $0.id == line.id }) {
            if lines[index].sequence < line.sequence { lines[index] = line }
        } else if lines.count < 2 * RunRecord.maximumCopies {
            lines.append(line)
        }
    }

    /// All runs that have a record, by name, as far as they are committed.
    package func all() throws -> [String: Entry] {
        let count = try reader.partitionCount(of: topic, timeout: patience)
        var entries: [String: Entry] = [:]
        for partition in 0..<count {
            let target = TopicPartition(topic: topic, partition: partition)
            let end = try reader.stableBounds(of: target, timeout: patience).lastStableOffset
            try read(target, to: end) { key, value in
                Self.apply(key, value, to: &entries[key.name, default: Entry()])
                if entries.count >= 2 * Self.maximumRuns { entries = Self.newest(entries) }
            }
        }
        return Self.newest(entries.filter { $0.value.record != nil || $0.value.damage != nil })
    }

    /// Those that began last; what cannot be read has no time, and goes first.
    private static func newest(_ entries: [String: Entry]) -> [String: Entry] {
        guard entries.count > maximumRuns else { return entries }
        let sorted = entries.sorted { $0.value.record?.startedAt ?? .min > $1.value.record?.startedAt ?? .min }
        return Dictionary(
            sorted.prefix(maximumRuns).map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// Publishes a run's record and waits until it is acknowledged.
    package func write(_ record: RunRecord) throws {
        try send(.run(record.name), try RunCodec.encode(record))
    }

    /// Publishes what a run is to do and waits until it is acknowledged.
    package func write(_ control: RunControl, for name: String) throws {
        try send(.control(name), RunCodec.encode(control))
    }

    private func send(_ key: RunKey, _ value: [UInt8]) throws {
        let partition = try partition(of: key.name)
        let producer = try producer.withLock { known throws(KafkaError) in
            if let known { return known }
            var options = ProducerOptions()
            options.lingerMilliseconds = 0
            options.queueKilobytes = 4 * 1024
            options.queueRecords = 100
            let made = try KafkaProducer(kafka, transactionalID: nil, options: options)
            known = made
            return made
        }
        try turn.withLock { _ throws(KafkaError) in
            try producer.topic(topic).send(
                OutgoingRecord(partition: partition.partition, key: Array(key.text.utf8), value: value))
            try producer.flush(timeout: patience)
            if let failure = producer.takeFailures().failures.first { throw failure.error }
        }
    }

    static func apply(_ key: RunKey, _ value: UnsafeRawBufferPointer?, to entry: inout Entry) {
        do throws(RunDamage) {
            switch key {
            case .run:
                entry.damage = nil
                let known = entry.record
                entry.record = try value.map { bytes throws(RunDamage) in
                    try RunCodec.decodeRun(bytes).begun(by: known)
                }
            case .control:
                entry.control = try value.map { bytes throws(RunDamage) in try RunCodec.decodeControl(bytes) }
            }
        } catch {
            if case .run = key { entry.damage = error }
        }
    }

    private func highWatermark(of partition: TopicPartition) throws(KafkaError) -> Int64 {
        let probe = try KafkaConsumer(kafka, group: nil, isolation: .readUncommitted)
        defer { probe.close(timeout: .seconds(5)) }
        return try probe.watermarks(of: partition, timeout: patience).highWatermark
    }

    private func read(
        _ partition: TopicPartition, to end: Int64, _ body: (RunKey, UnsafeRawBufferPointer?) -> Void
    ) throws {
        try turn.withLock { _ in
            let start = try reader.stableBounds(of: partition, timeout: patience).logStart
            guard end > start else { return }
            try reader.assign([PartitionOffset(partition, offset: start)])
            defer { try? reader.unassign() }
            let batch = RecordBatch(capacity: 500)
            defer { batch.reset() }
            var position = start
            var movedAt = MonotonicInstant.now()
            while position < end {
                if try reader.pollRecords(into: batch, timeout: .milliseconds(100)) > 0 { movedAt = .now() }
                for index in 0..<batch.count {
                    switch batch.entry(index) {
                    case .record:
                        position = batch.offset(index) + 1
                        if position <= end, let key = batch.key(index) { body(RunKey(key), batch.value(index)) }
                    case .endOfPartition: position = max(position, batch.offset(index))
                    case .error:
                        if let error = batch.error(index), !error.isRetriable { throw error }
                    }
                }
                guard MonotonicInstant.now().seconds(since: movedAt) < Double(patience.components.seconds) else {
                    throw KafkaError(
                        .consume, kind: .timedOut,
                        reason:
                            "\(partition) could not be read up to \(end): a transaction is open, or no broker answers")
                }
            }
        }
    }
}
