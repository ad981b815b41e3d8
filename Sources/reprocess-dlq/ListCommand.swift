import CommandLine
import Events
import Kafka
import Lifecycle
import Redrive
import SchemaRegistry
import ToolKit

/// `reprocess-dlq list`: what is not yet done, without joining a group and without writing anything.
struct ListCommand: Sendable {
    let console: Console
    let options: ListOptions
    let stop: StopFlag
    private let patience = Duration.seconds(60)

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
        let admin = try KafkaAdmin(options.queue.connection.kafka)
        defer { admin.close(timeout: .seconds(5)) }
        let survey = try options.queue.surveyor(
            toleratesProgress: options.includesDone, patience: patience, stop: stop,
            say: { [console] in console.note($0) }
        ).survey(admin)
        outcome.survey = survey
        var missing: [String] = []
        let rules = try options.queue.rules(admin, patience: patience) { missing.append($0) }
        outcome.notices = survey.notices + missing
        if !missing.isEmpty || survey.lacksProgressTopic {
            outcome.notices.append("topics that are missing are made by: reprocess-dlq topics --create")
        }
        for notice in outcome.notices { console.warning(notice) }
        try await scan(survey, rules, &outcome)
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
        let scan = DeadLetterScan(options.queue.connection.kafka, topic: options.queue.topic, patience: patience)
        outcome.isComplete = try await scan.run(
            survey.starts, ends: survey.ends, includesDone: includesDone, stop: stop
        ) { batch, index in
            let finding = try await inspector.inspect(batch, index, asking: registry).finding
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
        console.conclude(
            error: outcome.refusal?.description, isJSON: options.isJSON, document: outcome.json,
            text: outcome.survey != nil && outcome.refusal == nil ? outcome.text(console.outputStyle) : nil)
        return outcome.exitCode
    }
}
