import CommandLine
import Kafka
import Lifecycle
import Redrive
import Runs
import ToolKit

/// `reprocess-dlq progress show|reset|export|import`.
struct ProgressCommand: Sendable {
    let console: Console
    let options: ProgressOptions
    let stop: StopFlag
    private let patience = Duration.seconds(60)

    /// Runs on a blocking executor of its own.
    func run() async -> ExitCode {
        let executor = BlockingExecutor(name: "progress")
        return await Task(executorPreference: executor) { work() }.value
    }

    private func work() -> ExitCode {
        var report = ProgressReport(options: options)
        do {
            try work(&report)
        } catch {
            report.refusal = Refusal(error, stop: stop)
        }
        console.conclude(
            error: report.refusal?.description, isJSON: options.isJSON, document: report.json,
            text: report.refusal == nil ? report.text(console.outputStyle) : nil)
        return report.exitCode
    }

    private func work(_ report: inout ProgressReport) throws {
        let admin = try KafkaAdmin(options.connection.kafka)
        defer { admin.close(timeout: .seconds(5)) }
        let clusterID = try BrokerWait(
            servers: options.connection.kafka.bootstrapServers, patience: patience, stop: stop, say: say
        ).clusterID(admin)
        report.clusterID = clusterID
        if let expected = options.connection.expectedClusterID, expected != clusterID {
            throw Refusal(.refused, "this is cluster \(clusterID), not \(expected); nothing was changed")
        }
        let (settings, count) = try settings(admin)
        try describe(admin, clusterID, &report)
        switch options.action {
        case .show: report.partitions = try look(settings, count).partitions
        case .export(let path):
            let found = try look(settings, count)
            report.partitions = found.partitions
            if let trouble = found.partitions.compactMap(\.trouble).first { throw Refusal(.refused, trouble) }
            try ProgressFile(clusterID: clusterID, group: options.group, topic: options.topic).write(
                found.partitions.compactMap(\.start), to: path)
            report.isDone = true
        case .reset: try reset(admin, clusterID, settings, count, &report)
        case .import(let path): try take(path, admin, clusterID, settings, count, &report)
        }
    }

    // MARK: - Looking

    private func settings(_ admin: KafkaAdmin) throws -> (RedriveSettings, partitions: Int32) {
        let reader = try KafkaConsumer(options.connection.kafka, group: nil, isolation: .readCommitted)
        defer { reader.close(timeout: .seconds(5)) }
        let source = try TopicSurvey.rules(of: options.topic, role: "topic", admin, reader, patience)
        let keepsProgress = try TopicSurvey.exists(options.progressTopic, reader, patience)
        if !keepsProgress {
            console.warning(
                "the topic \(options.progressTopic) does not exist: only the group's committed offset says what is done"
            )
        }
        var settings = RedriveSettings(
            kafka: options.connection.kafka, topic: options.topic, group: options.group,
            run: try RunName.make(prefix: options.name.split(separator: " ").joined(separator: "-"), now: .now()),
            copy: try RunName.copy(), delivery: options.delivery,
            progressTopic: keepsProgress ? options.progressTopic : nil, pace: .unlimited)
        settings.sourceIsCompacted = source.isCompacted
        settings.patience = patience
        return (settings, source.partitionCount)
    }

    private func describe(_ admin: KafkaAdmin, _ clusterID: String, _ report: inout ProgressReport) throws {
        if clusterID.hasPrefix(TopicSurvey.mockPrefix) { return }
        let group = try admin.describeGroup(options.group, timeout: patience)
        report.state = group.state.rawValue
        report.members = group.members
    }

    private func look(_ settings: RedriveSettings, _ count: Int32) throws -> (
        partitions: [ProgressReport.Partition], isWhole: Bool
    ) {
        let member = try KafkaConsumer(settings.kafka, group: settings.group, isolation: .readCommitted)
        defer { member.close(timeout: .seconds(5)) }
        let store = try ProgressStore(settings, member: member, stop: stop, notify: say)
        defer { _ = store.close(timeout: .seconds(5)) }
        let numbers = Array(0..<count)
        let committed = try member.committed(
            numbers.map { TopicPartition(topic: options.topic, partition: $0) }, timeout: patience)
        let whole = try? store.load(numbers)
        let partitions = try numbers.map { number in
            let bounds = try member.stableBounds(
                of: TopicPartition(topic: options.topic, partition: number), timeout: patience)
            var start = whole?[Int(number)]
            var trouble: String?
            if whole == nil {
                do throws(RedriveError) {
                    start = try store.load([number]).first
                } catch {
                    guard case .progress = error else { throw error }
                    trouble = Refusal(error).description
                }
            }
            return ProgressReport.Partition(
                number: number, logStart: bounds.logStart, end: bounds.lastStableOffset,
                committed: committed[Int(number)].offset, start: start, trouble: trouble)
        }
        return (partitions, whole != nil)
    }

    // MARK: - Changing

    private func reset(
        _ admin: KafkaAdmin, _ clusterID: String, _ settings: RedriveSettings, _ count: Int32,
        _ report: inout ProgressReport
    ) throws {
        report.partitions = try look(settings, count).partitions
        guard !options.isDryRun else { return }
        try refuseMock(clusterID)
        let stop = stop
        let undone = report.partitions.reduce(0) { $0 + max(0, $1.end - $1.logStart) }
        try console.confirm(
            "Forget what group \(options.group) has done of \(options.topic) on cluster \(clusterID)? All "
                + "\(HumanText.count(undone)) offsets that are there would be redriven.",
            expecting: .word(options.group), isAnswered: options.isAnswered
        ) { stop.isSet }
        if stop.isSet { return }
        try waitUntilAlone(admin)
        report.changes = try change(settings) { try ProgressChange(settings, stop: stop, notify: say).reset() }
        report.partitions = []
        report.isDone = true
    }

    private func take(
        _ path: String, _ admin: KafkaAdmin, _ clusterID: String, _ settings: RedriveSettings, _ count: Int32,
        _ report: inout ProgressReport
    ) throws {
        let file = try ProgressFile.read(path)
        try file.place.check(clusterID: clusterID, topic: options.topic)
        let told = try checkSameTopic(file, settings, count)
        guard !options.isDryRun else { return }
        try refuseMock(clusterID)
        let stop = stop
        try console.confirm(
            "Take what \(path) says for done by group \(options.group) in \(told) partitions of \(options.topic) on "
                + "cluster \(clusterID)? Those records will not be redriven.",
            isAnswered: options.isAnswered
        ) { stop.isSet }
        if stop.isSet { return }
        try waitUntilAlone(admin)
        report.changes = try change(settings, file: path) {
            try ProgressChange(settings, stop: stop, notify: say).add(file.partitions.mapValues(\.done))
        }
        report.isDone = true
    }

    /// Whoever looks the next morning finds the change in the history.
    private func change(
        _ settings: RedriveSettings, file: String? = nil, _ work: () throws -> [ProgressChange.Partition]
    ) throws -> [ProgressChange.Partition] {
        let record = RunRecord(
            name: settings.run, program: "reprocess-dlq", command: options.name, group: settings.group,
            definition: [.init("source", file.map { [$0] } ?? []), .init("destination", [options.topic])], range: [],
            rate: "max", startedAt: TimeSource.milliseconds())
        let journal = try RunJournal.entered(
            settings.kafka, topic: options.runsTopic, record, copy: settings.copy, patience: patience,
            warn: { console.warning($0) })
        return try journal?.during(stop: stop, warn: { [console] in console.warning($0) }, work) ?? work()
    }

    /// A file of the topic that was there before would make other records pass for done.
    private func checkSameTopic(_ file: ProgressFile.Content, _ settings: RedriveSettings, _ count: Int32) throws -> Int
    {
        let member = try KafkaConsumer(settings.kafka, group: settings.group, isolation: .readCommitted)
        defer { member.close(timeout: .seconds(5)) }
        let store = try ProgressStore(settings, member: member, stop: stop, notify: say)
        defer { _ = store.close(timeout: .seconds(5)) }
        for (number, partition) in file.partitions.sorted(by: { $0.key < $1.key }) {
            guard number < count else {
                throw Refusal(.refused, "the file tells of partition \(number), and \(options.topic) has \(count)")
            }
            let bounds = try store.bounds(of: TopicPartition(topic: options.topic, partition: number))
            let evidence: ProgressRefusal.Evidence? =
                if bounds.logStart < partition.logStart {
                    .logStartWentBack(from: partition.logStart, to: bounds.logStart)
                } else if partition.end > bounds.highWatermark {
                    .endBelowDone(done: partition.end, end: bounds.highWatermark)
                } else if let witness = partition.witness, try store.matches(witness, partition: number) == false {
                    .witnessDiffers(offset: witness.offset)
                } else {
                    nil
                }
            if let evidence {
                throw Refusal(
                    .refused,
                    ProgressRefusal.recreated(partition: number, evidence).sentence(
                        group: options.group, topic: options.topic))
            }
        }
        return file.partitions.count
    }

    private func refuseMock(_ clusterID: String) throws {
        if clusterID.hasPrefix(TopicSurvey.mockPrefix), options.delivery == .exactlyOnce {
            throw Refusal(
                .refused,
                "the brokers are librdkafka's mock cluster (\(clusterID)), which has no transactions; nothing was changed. "
                    + "Use --delivery at-least-once")
        }
    }

    private func waitUntilAlone(_ admin: KafkaAdmin) throws {
        try GroupOccupancy(
            options.connection.kafka, group: options.group, runsTopic: options.runsTopic, patience: patience,
            stop: stop, say: say
        ).waitUntilAlone(admin, purpose: options.name)
    }

    private var say: @Sendable (String) -> Void {
        { [console] in console.note($0) }
    }
}
