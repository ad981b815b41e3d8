import CommandLine
import Events
import Kafka
import Lifecycle
import Redrive
import SchemaRegistry
import ToolKit

/// `reprocess-dlq show PARTITION:OFFSET`: one record whole, without joining a group and without writing anything.
struct ShowCommand: Sendable {
    let console: Console
    let options: ShowOptions
    let stop: StopFlag
    private let patience = Duration.seconds(60)

    /// Runs on a blocking executor of its own.
    func run() async -> ExitCode {
        let executor = BlockingExecutor(name: "show")
        return await Task(executorPreference: executor) { await show() }.value
    }

    private func show() async -> ExitCode {
        var outcome = ShowOutcome(options: options, now: .now())
        do {
            try await look(&outcome)
        } catch {
            outcome.refusal = Refusal(error, stop: stop)
        }
        console.conclude(
            error: outcome.refusal?.description, isJSON: options.isJSON, document: outcome.json,
            text: outcome.record != nil && outcome.refusal == nil ? outcome.text(console.outputStyle) : nil)
        return outcome.exitCode
    }

    private func look(_ outcome: inout ShowOutcome) async throws {
        let admin = try KafkaAdmin(options.queue.connection.kafka)
        defer { admin.close(timeout: .seconds(5)) }
        let survey = try options.queue.surveyor(
            toleratesProgress: true, patience: patience, stop: stop, say: { [console] in console.note($0) }
        ).survey(admin, only: options.partition)
        outcome.clusterID = survey.clusterID
        guard let partition = survey.partitions.first else { return }
        for notice in survey.notices { console.warning(notice) }
        let place = "\(options.queue.topic)[\(options.partition)]"
        guard options.offset >= partition.start.logStart else {
            throw Refusal(
                .failed,
                "offset \(options.offset) of \(place) is gone: the log now begins at \(partition.start.logStart)")
        }
        guard options.offset < partition.highWatermark else {
            throw Refusal(
                .failed, "\(place) has no offset \(options.offset) yet: it ends before \(partition.highWatermark)")
        }
        if survey.knowsProgress { outcome.isDone = partition.start.done.contains(options.offset) }
        outcome.isUnstable = options.offset >= partition.end
        let rules = try options.queue.rules(admin, patience: patience, missing: { _ in })
        let found = try await read(rules, isUnstable: outcome.isUnstable)
        outcome.record = found
        outcome.body = try await ShowBody.read(
            found.body, registry: options.registry, reveals: options.reveals)
    }

    // MARK: - Reading

    private func read(_ rules: DrainRules, isUnstable: Bool) async throws -> ShowRecord {
        if !isUnstable, let record = try await read(rules, .readCommitted) { return record }
        let place = "offset \(options.offset) of \(options.queue.topic)[\(options.partition)]"
        guard let record = try await read(rules, .readUncommitted) else {
            throw Refusal(
                .failed, "\(place) holds no record: a transaction's marker stood there, or compaction has removed it")
        }
        guard isUnstable else {
            throw Refusal(.failed, "\(place) holds a record of a transaction that was aborted; no reader is given it")
        }
        return record
    }

    /// The record at the offset; nil where there is none that such a reader is given.
    private func read(_ rules: DrainRules, _ isolation: KafkaConsumer.Isolation) async throws -> ShowRecord? {
        let reader = try KafkaConsumer(options.queue.connection.kafka, group: nil, isolation: isolation)
        defer { reader.close(timeout: .seconds(5)) }
        try reader.assign([
            PartitionOffset(
                TopicPartition(topic: options.queue.topic, partition: options.partition), offset: options.offset)
        ])
        let batch = RecordBatch(capacity: 1)
        defer { batch.reset() }
        let deadline = MonotonicInstant.now().advanced(bySeconds: Double(patience.components.seconds))
        while MonotonicInstant.now() < deadline, !stop.isSet {
            let count = try reader.pollRecords(into: batch, timeout: .milliseconds(200))
            for case .error(let error) in try reader.pollEvents(timeout: .zero) where error.isFinal { throw error }
            guard count > 0 else { continue }
            switch batch.entry(0) {
            case .record where batch.offset(0) == options.offset: return try await inspect(batch, rules)
            case .record, .endOfPartition: return nil
            case .error: if let error = batch.error(0), error.isFinal { throw error }
            }
        }
        throw KafkaError(.consume, kind: .timedOut, reason: "the record did not arrive for \(patience)")
    }

    private func inspect(_ batch: RecordBatch, _ rules: DrainRules) async throws -> ShowRecord {
        let registry = options.registry
        var inspector = DeadLetterInspector(
            filter: EventFilter(timeBasis: .failed), decoder: EventDecoder(registry: registry),
            decodes: registry != nil)
        let (finding, fetched) = try await inspector.inspect(
            batch, 0, asking: registry, OriginReader(options.queue.connection.kafka, patience: patience))
        var record = ShowRecord(batch, 0, finding, &inspector, rules: rules, now: TimePoint.now().milliseconds)
        record.fetchedBody = fetched
        return record
    }
}

extension KafkaError {
    /// Whether waiting does not help; retention may have overtaken the offset meanwhile.
    fileprivate var isFinal: Bool {
        isFatal || kind == .authorization || kind == .authentication || kind == .offsetOutOfRange
    }
}
