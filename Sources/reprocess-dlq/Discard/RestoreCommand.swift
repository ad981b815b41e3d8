import Archive
import Avro
import CommandLine
import Kafka
import Lifecycle
import Redrive
import Runs
import Synchronization
import ToolKit

/// `reprocess-dlq restore FILE`.
struct RestoreCommand: Sendable {
    let console: Console
    let options: RestoreOptions
    let stop: StopFlag
    private let patience = Duration.seconds(60)
    /// A transaction's records and bytes.
    private static let batch = (records: 1_000, bytes: 4 << 20)

    /// Runs on a blocking executor of its own.
    func run() async -> ExitCode {
        let executor = BlockingExecutor(name: "restore")
        return await Task(executorPreference: executor) { work() }.value
    }

    private func work() -> ExitCode {
        var report = RestoreReport(path: options.path, isDryRun: options.isDryRun)
        do {
            try restore(&report)
            if stop.isSet { throw Refusal(.interrupted, "stopped; progress is kept, run again") }
        } catch let error as AvroContainerError {
            var isFile = true
            if case .system = error.kind { isFile = false }
            report.refusal = Refusal(isFile ? .refused : .failed, "\(error)\(isFile ? "; nothing was published" : "")")
        } catch {
            report.refusal = Refusal(error, stop: stop)
        }
        console.conclude(
            error: report.refusal?.description, isJSON: options.isJSON, document: report.json,
            text: report.refusal == nil || report.restored > 0 ? report.lines.joined(separator: "\n") : nil)
        return report.exitCode
    }

    private func restore(_ report: inout RestoreReport) throws {
        guard let identity = DiscardArchive.Identity(try ArchiveReader(path: options.path).metadata) else {
            throw Refusal(.refused, "\(options.path) is no archive that discard wrote; nothing was published")
        }
        (report.topic, report.reason, report.by) = (identity.topic, identity.reason, identity.by)
        let admin = try KafkaAdmin(options.connection.kafka)
        defer { admin.close(timeout: .seconds(5)) }
        let (source, clusterID) = try checkPlace(admin, identity)
        report.clusterID = clusterID
        let receipts = ReceiptStore(
            options.connection.kafka, topic: options.progressTopic, patience: patience, stop: stop)
        guard let committed = try receipts.read(identity.receiptKey).flatMap({ FileReceipt($0) }) else {
            throw Refusal(
                .refused,
                "nothing of \(options.path) was discarded: the run was killed before, or \(options.progressTopic) was "
                    + "emptied. Nothing was published")
        }
        report.records = committed.records
        let now = TimeSource.milliseconds()
        // Damage is found, and what the topic would not keep, before anything is published.
        try committed.check(options.path) { record in
            if record.timestamp >= 0, let objection = source.objection(to: record.timestamp, now: now) {
                throw objection
            }
            return !self.stop.isSet
        }
        let group = "gamification.restore.\(identity.id)"
        let key = ReceiptStore.key("restore", group: group, topic: identity.topic, id: identity.id)
        report.before = try receipts.read(key).flatMap { FileReceipt($0) }?.records ?? 0
        guard !options.isDryRun, report.before < committed.records else { return }
        let stop = stop
        try console.confirm(
            "Put \(HumanText.count(committed.records - report.before)) records back into \(identity.topic) on cluster "
                + "\(clusterID)?", isAnswered: options.isAnswered
        ) { stop.isSet }
        if stop.isSet { return }
        try GroupOccupancy(
            options.connection.kafka, group: group, runsTopic: options.runsTopic, patience: patience, stop: stop,
            say: { [console] in console.note($0) }
        ).waitUntilAlone(admin, purpose: "restore")
        try publish(identity, group: group, key: key, committed, source, receipts, &report)
    }

    /// What the history is to say of it.
    private func record(_ settings: RedriveSettings, _ identity: DiscardArchive.Identity) -> RunRecord {
        RunRecord(
            name: settings.run, program: "reprocess-dlq", command: RestoreOptions.command.name, group: settings.group,
            definition: [.init("source", [options.path]), .init("destination", [identity.topic])], range: [],
            rate: "max", startedAt: TimeSource.milliseconds())
    }

    private func checkPlace(
        _ admin: KafkaAdmin, _ identity: DiscardArchive.Identity
    ) throws -> (TopicRules, clusterID: String) {
        let clusterID = try BrokerWait(
            servers: options.connection.kafka.bootstrapServers, patience: patience, stop: stop,
            say: { [console] in console.note($0) }
        ).clusterID(admin)
        guard clusterID == options.connection.expectedClusterID ?? clusterID, clusterID == identity.clusterID else {
            throw Refusal(
                .refused,
                "this is cluster \(clusterID), and the archive is of \(identity.clusterID); nothing was published")
        }
        let reader = try KafkaConsumer(options.connection.kafka, group: nil, isolation: .readCommitted)
        defer { reader.close(timeout: .seconds(5)) }
        guard try TopicSurvey.exists(options.progressTopic, reader, patience) else {
            throw Refusal(
                .refused,
                "the topic \(options.progressTopic), which says what was discarded and what is back, does not exist")
        }
        return (try TopicSurvey.rules(of: identity.topic, role: "topic", admin, reader, patience), clusterID)
    }

    private func publish(
        _ identity: DiscardArchive.Identity, group: String, key: String, _ committed: FileReceipt,
        _ source: TopicRules, _ receipts: ReceiptStore, _ report: inout RestoreReport
    ) throws {
        var settings = RedriveSettings(
            kafka: options.connection.kafka, topic: identity.topic, group: group,
            run: try RunName.make(prefix: "restore", now: .now()), copy: try RunName.copy(), delivery: .exactlyOnce,
            progressTopic: options.progressTopic, pace: .unlimited)
        settings.maximumBatchBytes = source.maximumMessageBytes
        settings.patience = patience
        let settled = settings
        let journal = try RunJournal.entered(
            settings.kafka, topic: options.runsTopic, record(settings, identity), copy: settings.copy,
            patience: patience, warn: { console.warning($0) })
        let restored = Restored()
        defer { report.restored = restored.count }
        guard let journal else {
            return try publish(identity, settled, key: key, committed, source, receipts, &report, restored)
        }
        try journal.during(tally: { restored.tally }, stop: stop, warn: { [console] in console.warning($0) }) {
            try publish(identity, settled, key: key, committed, source, receipts, &report, restored)
        }
    }

    private func publish(
        _ identity: DiscardArchive.Identity, _ settings: RedriveSettings, key: String, _ committed: FileReceipt,
        _ source: TopicRules, _ receipts: ReceiptStore, _ report: inout RestoreReport, _ restored: Restored
    ) throws {
        let group = settings.group
        let member = try SoleMember(settings, purpose: "restore", stop: stop)
        defer { member.leave() }
        // Read again as the member: another call may have been at it until a moment ago.
        report.before = try receipts.read(key).flatMap { FileReceipt($0) }?.records ?? 0
        let publisher = try member.makePublisher()
        defer { publisher.close(timeout: .seconds(5)) }
        let line = console.progress(options.progress, label: "restoring", total: Int(clamping: committed.records))
        defer { line.finish() }
        var batch = RestoreBatch(done: report.before, partitions: source.partitionCount, topic: identity.topic)
        let counts = try receipts.partitionCount()
        var reader = try ArchiveReader(path: options.path)
        var position: Int64 = 0
        func commit() throws {
            guard !batch.records.isEmpty else { return }
            for event in try member.consumer.pollEvents(timeout: .zero) {
                if case .revoke = event { throw Refusal(.refused, "another program joined group \(group); run again") }
            }
            let receipt = FileReceipt(bytes: 0, records: batch.done + Int64(batch.records.count))
            let outgoing = batch.records
            try member.transact(
                with: publisher,
                offsets: [
                    PartitionOffset(TopicPartition(topic: identity.topic, partition: 0), offset: receipt.records)
                ]
            ) { publisher throws(KafkaError) in
                let handle = try publisher.topic(identity.topic)
                for record in outgoing { try handle.send(record) }
                try receipts.send(receipt.value, under: key, partitions: counts, with: publisher)
            }
            restored.add(Int64(batch.records.count), bytes: Int64(batch.bytes))
            batch.begin(after: receipt.records)
            line.update(done: Int(clamping: receipt.records), total: Int(clamping: committed.records))
        }
        while reader.nextBlockOffset < committed.bytes, let block = try reader.nextBlock() {
            for record in block.records {
                defer { position += 1 }
                if position < report.before { continue }
                batch.add(record)
                if batch.records.count >= Self.batch.records || batch.bytes >= Self.batch.bytes { try commit() }
                if stop.isSet { return }
            }
        }
        try commit()
    }
}

/// How many records are back, for whoever tells of it meanwhile. Any thread.
private final class Restored: Sendable {
    private let state = Mutex(RunTally())

    var tally: RunTally { state.withLock { $0 } }
    var count: Int64 { tally.redriven }

    func add(_ records: Int64, bytes: Int64) {
        state.withLock {
            $0.redriven += records
            $0.bytes += bytes
        }
    }
}

/// Records that go back in one transaction.
struct RestoreBatch {
    /// Records that are back.
    private(set) var done: Int64
    private(set) var records: [OutgoingRecord] = []
    private(set) var bytes = 0
    private let partitions: Int32
    private let topic: String

    init(done: Int64, partitions: Int32, topic: String) {
        self.done = done
        self.partitions = partitions
        self.topic = topic
    }

    /// Back to its own partition, where the topic still has it.
    mutating func add(_ record: ArchivedRecord) {
        bytes += (record.key?.count ?? 0) + (record.value?.count ?? 0)
        records.append(
            record.outgoing(
                partition: record.partition % partitions, timestamp: record.timestamp >= 0 ? record.timestamp : nil))
    }

    mutating func begin(after done: Int64) {
        self.done = done
        records.removeAll(keepingCapacity: true)
        bytes = 0
    }
}
