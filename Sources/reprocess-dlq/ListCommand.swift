import CommandLine
import Events
import Kafka
import Lifecycle
import Redrive
import SchemaRegistry

/// `reprocess-dlq list`: what is not yet done, without joining a group and without writing anything.
struct ListCommand: Sendable {
    let console: Console
    let options: ListOptions
    let stop: StopFlag
    private let patience = Duration.seconds(60)

    init(console: Console, options: ListOptions, stop: StopFlag) {
        self.console = console
        self.options = options
        self.stop = stop
    }

    /// Runs on a blocking executor of its own.
    func run() async -> ExitCode {
        let executor = BlockingExecutor(name: "list")
        return await Task(executorPreference: executor) { await list() }.value
    }

    private func list() async -> ExitCode {
        var outcome = ListOutcome(options: options, now: .now())
        do {
            try await look(&outcome)
        } catch {
            outcome.refusal = Refusal(error)
        }
        outcome.signal = stop.signal
        return report(outcome)
    }

    private func look(_ outcome: inout ListOutcome) async throws {
        let admin = try KafkaAdmin(options.connection.kafka)
        defer { admin.close(timeout: .seconds(5)) }
        let surveyor = QueueSurveyor(
            connection: options.connection, topic: options.topic, group: options.group,
            progressTopic: options.progressTopic, toleratesProgress: options.includesDone, patience: patience,
            say: { [console] in console.note($0) })
        let survey = try surveyor.survey(admin)
        outcome.survey = survey
        for notice in survey.notices { console.warning(notice) }
        let rules = try rules(admin)
        try await scan(survey, rules, &outcome)
    }

    /// The rules by which a drain with the same flags would judge.
    private func rules(_ admin: KafkaAdmin) throws -> DrainRules {
        let reader = try KafkaConsumer(options.connection.kafka, group: nil, isolation: .readCommitted)
        defer { reader.close(timeout: .seconds(5)) }
        var destinations: [String: TopicRules] = [:]
        func add(_ topic: String, _ role: String) throws -> Bool {
            guard try TopicSurvey.exists(topic, reader, patience) else { return false }
            destinations[topic] = try TopicSurvey.rules(of: topic, role: role, admin, reader, patience)
            return true
        }
        func need(_ topic: String, _ role: String) throws {
            if try add(topic, role) { return }
            console.warning("the \(role) \(topic) does not exist; a drain needs it: reprocess-dlq topics --create")
        }
        try need(options.parkedTopic, "parked topic")
        let route: DrainRules.Route
        switch options.destination {
        case .topic(let name):
            route = .topic(name)
            try need(name, "destination")
        case .origin(let allowed):
            route = .origin(allowed: Set(try allowed.filter { try add($0, "origin topic") }))
        }
        var rules = DrainRules(
            source: options.topic, route: route, parkedTopic: options.parkedTopic, run: "", parkedBy: "",
            destinations: destinations)
        rules.maximumRetries = options.maximumRetries
        rules.timestamps = options.timestamps
        return rules
    }

    private func scan(_ survey: QueueSurvey, _ rules: DrainRules, _ outcome: inout ListOutcome) async throws {
        let registry = options.registry
        let total = Int(clamping: options.includesDone ? survey.present : survey.remaining)
        let line = console.progress(options.progress, label: "reading", total: total)
        defer { line.finish() }
        let done = Dictionary(
            survey.starts.map { ($0.partition, $0.done) }, uniquingKeysWith: { first, _ in first })
        let now = outcome.now.milliseconds
        var inspector = DeadLetterInspector(
            filter: options.filter.filter, decoder: EventDecoder(registry: registry), decodes: registry != nil)
        var tally = ListTally()
        var visited = 0
        let (includesDone, knowsProgress) = (options.includesDone, survey.knowsProgress)
        let scan = DeadLetterScan(options.connection.kafka, topic: options.topic, patience: patience)
        outcome.isComplete = try await scan.run(
            survey.starts, ends: survey.ends, includesDone: includesDone, stop: stop
        ) { batch, index in
            var finding = inspector.inspect(batch, index)
            while case .needsSchema(let id) = finding, let registry {
                inspector.learn(id, try await registry.lookup(id))
                finding = inspector.inspect(batch, index)
            }
            let isDone =
                includesDone && knowsProgress
                && done[batch.partition(index)]?.contains(batch.offset(index)) == true
            tally.count(finding, inspector, batch, index, isDone: isDone, rules: rules, now: now)
            visited += 1
            if visited & 0xFFF == 0 { line.update(done: visited, total: total) }
            return true
        }
        outcome.tally = tally
    }

    private func report(_ outcome: ListOutcome) -> ExitCode {
        if let refusal = outcome.refusal { console.error(refusal.description) }
        do throws(OutputError) {
            if options.isJSON {
                try console.result(json: outcome.json)
            } else if outcome.survey != nil, outcome.refusal == nil {
                try console.result(outcome.text(console.outputStyle))
            }
        } catch {
            console.error("\(error)")
        }
        return outcome.exitCode
    }
}
