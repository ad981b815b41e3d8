import CommandLine
import Kafka
import Lifecycle
import Redrive
import ToolKit

/// `reprocess-dlq topics`: what the tools need, what is there, what is wrong; creates what is missing, and changes
/// nothing that exists.
struct TopicsCommand: Sendable {
    let console: Console
    let options: TopicsOptions
    let stop: StopFlag
    private let patience = Duration.seconds(60)

    /// Runs on a blocking executor of its own.
    func run() async -> ExitCode {
        let executor = BlockingExecutor(name: "topics")
        return await Task(executorPreference: executor) { topics() }.value
    }

    private func topics() -> ExitCode {
        var outcome = TopicsOutcome(options: options)
        do {
            try work(&outcome)
        } catch {
            outcome.refusal = Refusal(error, stop: stop)
        }
        console.conclude(
            error: outcome.refusal?.description, isJSON: options.isJSON, document: outcome.json,
            text: !outcome.topics.isEmpty ? outcome.text(console.outputStyle) : nil)
        return outcome.exitCode
    }

    private func work(_ outcome: inout TopicsOutcome) throws {
        let admin = try KafkaAdmin(options.connection.kafka)
        defer { admin.close(timeout: .seconds(5)) }
        let reader = try KafkaConsumer(options.connection.kafka, group: nil, isolation: .readCommitted)
        defer { reader.close(timeout: .seconds(5)) }
        let clusterID = try BrokerWait(
            servers: options.connection.kafka.bootstrapServers, patience: patience, stop: stop,
            say: { [console] in console.note($0) }
        ).clusterID(admin)
        outcome.clusterID = clusterID
        if let expected = options.connection.expectedClusterID, expected != clusterID {
            throw Refusal(.refused, "this is cluster \(clusterID), not \(expected); nothing was changed")
        }
        outcome.topics = try look(admin, reader)
        let missing = outcome.topics.filter { !$0.exists }.map(\.requirement)
        guard options.creates, !missing.isEmpty else { return }
        if clusterID.hasPrefix(TopicSurvey.mockPrefix) {
            throw Refusal(
                .refused,
                "this is librdkafka's mock cluster (\(clusterID)): it creates topics when they are first used, "
                    + "and has no settings")
        }
        try ask(missing, clusterID)
        try create(missing, admin)
        if options.isDryRun { return }
        // What was made is looked at, not believed.
        try waitUntilThere(missing, reader)
        let before = outcome.topics
        outcome.topics = try look(admin, reader)
        for index in outcome.topics.indices where outcome.topics[index].exists && !before[index].exists {
            outcome.topics[index].isCreated = true
        }
    }

    private func look(_ admin: KafkaAdmin, _ reader: KafkaConsumer) throws -> [TopicsOutcome.Topic] {
        try options.requirements.map { requirement in
            guard try TopicSurvey.exists(requirement.topic, reader, patience) else {
                return TopicsOutcome.Topic(requirement: requirement)
            }
            let count = try reader.partitionCount(of: requirement.topic, timeout: patience)
            let settings = try TopicSurvey.settings(of: requirement.topic, admin, patience)
            return TopicsOutcome.Topic(
                requirement: requirement, exists: true, partitions: count, settings: settings,
                findings: requirement.findings(settings, partitions: count))
        }
    }

    // MARK: - Creating

    private func ask(_ missing: [TopicRequirement], _ clusterID: String) throws {
        for requirement in missing {
            let settings = requirement.settings.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
            let copies = options.replication.map { "\($0) copies" } ?? "as many copies as the broker makes by default"
            console.note(
                "to create: \(requirement.topic), \(requirement.partitions) partitions, \(copies), \(settings)")
        }
        guard !options.isDryRun else { return }
        let stop = stop
        try console.confirm(
            "Create \(missing.count == 1 ? "this topic" : "these \(missing.count) topics") on cluster \(clusterID)?",
            isAnswered: options.isAnswered
        ) { stop.isSet }
    }

    private func create(_ missing: [TopicRequirement], _ admin: KafkaAdmin) throws {
        let topics = missing.map { requirement in
            NewTopic(
                name: requirement.topic, partitions: requirement.partitions, replication: options.replication,
                settings: Dictionary(requirement.settings.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }))
        }
        let failures = try admin.createTopics(topics, validateOnly: options.isDryRun, timeout: patience)
        // Somebody else may have been quicker.
        let real = failures.filter { $0.value.kind != .alreadyExists }.sorted { $0.key < $1.key }
        guard let (_, first) = real.first else { return }
        let others = real.count > 1 ? "; and \(real.count - 1) more" : ""
        throw Refusal(ExitCode.most(of: real.map { ExitCode($0.value) } + [ExitCode(first)]), "\(first)\(others)")
    }

    private func waitUntilThere(_ missing: [TopicRequirement], _ reader: KafkaConsumer) throws {
        let deadline = MonotonicInstant.now().advanced(bySeconds: 30)
        for requirement in missing {
            while try !TopicSurvey.exists(requirement.topic, reader, patience) {
                guard MonotonicInstant.now() < deadline else {
                    throw Refusal(
                        .unreachable, "topic \(requirement.topic) was created and has not appeared within 30 s")
                }
                Pause.milliseconds(200)
            }
        }
    }
}
