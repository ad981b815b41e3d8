import CommandLine
import Kafka
import Lifecycle
import Observability
import Redrive
import Runs
import ToolKit

/// `reprocess-dlq [drain]`: find out, ask, do, tell.
struct DrainCommand: Sendable {
    let console: Console
    let options: DrainOptions
    let stop: StopFlag
    /// The plan that is applied.
    let file: PlanFile?
    let log = PlanLog()
    let series = RunSeries()
    let beganAt = TimeSource.milliseconds()
    let say: Reporter
    let patience = Duration.seconds(75)
    let began = MonotonicInstant.now()
    /// How many records a mass-park is judged by.
    private static let sample: Int64 = 1_000

    init(console: Console, options: DrainOptions, stop: StopFlag, file: PlanFile? = nil) {
        self.console = console
        self.file = file
        self.stop = stop
        let say = Reporter(console: console, level: options.log.level, format: options.log.format, run: options.run)
        self.say = say
        var options = options
        options.connection.kafka.log = { say.kafka($0) }
        self.options = options
    }

    /// Runs on a blocking executor of its own.
    func run() async -> ExitCode {
        let executor = BlockingExecutor(name: "drain")
        return await Task(executorPreference: executor) { await drain() }.value
    }

    private func drain() async -> ExitCode {
        var outcome = DrainOutcome(
            job: options.job, run: options.run ?? "", clusterID: "", topic: options.topic, destination: destinationName)
        do {
            let reader = try KafkaConsumer(options.connection.kafka, group: nil, isolation: .readCommitted)
            defer { reader.close(timeout: .seconds(5)) }
            let plan = try makePlan(reader)
            outcome.run = plan.settings.run
            outcome.clusterID = plan.clusterID
            for notice in plan.notices { say.warning(notice) }
            try await work(plan, &outcome)
        } catch {
            outcome.refusal = Refusal(error)
        }
        outcome.signal = stop.signal
        return report(outcome)
    }

    private var destinationName: String {
        switch options.destination {
        case .topic(let name): name
        case .origin: "origin"
        case .nowhere: options.job.archive ?? options.parkedTopic
        }
    }

    private func makePlan(_ reader: KafkaConsumer) throws -> DrainPlan {
        let name = try options.run ?? RunName.make(prefix: options.job.name, now: .now())
        let planner = DrainPlanner(
            options: options, runName: name, copy: try RunName.copy(),
            parkedBy: "reprocess-dlq run \(name) on \(RunName.host())", patience: patience, stop: stop,
            say: { [say] in say.info($0) }, file: file, joins: !options.isDryRun)
        return try planner.plan(reader: reader)
    }

    private func work(_ plan: DrainPlan, _ outcome: inout DrainOutcome) async throws {
        outcome.remaining = plan.remaining
        if let file { outcome.plan = try PlanOutcome(file, plan.starts) }
        if options.isDryRun {
            outcome.isDryRun = true
            return try await dryRun(plan, &outcome)
        }
        if plan.isEmpty, !options.follows {
            return say.info("nothing is left to do in \(plan.settings.topic)")
        }
        // A plan is a preview, and judged by whoever made it.
        if file == nil { try check(try await preview(plan, limit: Self.sample)) }
        try ask(plan)
        if stop.isSet { return }
        if options.reportFile != nil { outcome.before = try await sample(plan) }
        var plan = plan
        if let canary = options.canary {
            guard try await tryCanary(canary, plan, &outcome) else { return }
            plan.spend(outcome.tally)
            if plan.settings.limit == 0 { return }
        }
        let file = file
        let log = log
        try await redrive(plan, &outcome, label: options.job.progressLabel) {
            try file.map { try PlanDecider($0, log: log) }
        }
    }

    // MARK: - Before

    private func preview(_ plan: DrainPlan, limit: Int64?) async throws -> Preview {
        let line = console.progress(options.progress, label: "looking", total: Int(clamping: plan.remaining))
        defer { line.finish() }
        return try await Preview.make(
            plan, filter: options.filter.filter, registry: options.registry, limit: limit, stop: stop
        ) { visited in
            if visited % 256 == 0 { line.update(done: Int(clamping: visited), total: Int(clamping: plan.remaining)) }
        }
    }

    private func check(_ preview: Preview) throws {
        if let objection = preview.objection { throw objection }
        if let (reason, count) = preview.massPark, options.job == .drain, !options.allowsMassPark {
            throw Refusal(
                .refused,
                "\(count) of the first \(preview.selected) records would be parked for one reason (\(reason)). Nothing was "
                    + "published; if that is right, say --allow-mass-park")
        }
    }

    private func ask(_ plan: DrainPlan) throws {
        let verb = options.job.verb
        var question =
            "\(verb.prefix(1).uppercased() + verb.dropFirst()) \(file.map { "\(HumanText.count($0.entryCount)) planned records among" } ?? "what is selected of") \(HumanText.count(plan.remaining)) offsets of \(plan.settings.topic) to \(destinationName) on cluster "
            + "\(plan.clusterID)?"
        if !options.filter.text.isEmpty { question += " (\(options.filter.text.joined(separator: " ")))" }
        if !options.isDefaultGroup {
            question += " Group \(options.group) knows nothing of the default group's progress."
        }
        if options.skipped == .requeue {
            question += " Records not selected are appended again; their order against newer ones is not kept."
        }
        let stop = stop
        try console.confirm(question, isAnswered: options.isAnswered) { stop.isSet }
    }

    private func dryRun(_ plan: DrainPlan, _ outcome: inout DrainOutcome) async throws {
        if let file { return try await tryPlan(file, plan, &outcome) }
        let preview = try await preview(plan, limit: nil)
        outcome.tally.redriven = preview.redriven
        outcome.tally.parked = preview.parked
        outcome.tally.skipped = preview.skipped
        outcome.tally.rejected = preview.rejected
        if let objection = preview.objection { throw objection }
    }

    /// Compares the plan with the records that are there.
    private func tryPlan(_ file: PlanFile, _ plan: DrainPlan, _ outcome: inout DrainOutcome) async throws {
        let decider = try PlanDecider(file, log: log)
        let scan = DeadLetterScan(plan.settings.kafka, topic: plan.settings.topic, patience: patience)
        var tally = RunTally()
        let isWhole = try await scan.run(plan.starts, ends: plan.endOffsets, stop: stop) { batch, index in
            switch try decider.verdict(batch, index) {
            case .redrive: tally.redriven += 1
            case .park(let reason): tally.parked[reason, default: 0] += 1
            case .requeue: tally.requeued += 1
            case .reject: tally.rejected += 1
            case .skip, .drop: tally.skipped += 1
            }
            return true
        }
        outcome.tally = tally
        outcome.plan?.finish(tally, log, isWhole: isWhole)
    }

    // MARK: - After

    private func report(_ outcome: DrainOutcome) -> ExitCode {
        var outcome = outcome
        if let refusal = outcome.refusal { say.error(refusal.description) }
        writeMetrics(&outcome)
        writeReport(&outcome)
        do throws(OutputError) {
            if options.isJSON {
                try console.result(json: outcome.json)
            } else if outcome.refusal == nil || outcome.tally != RunTally() {
                for line in outcome.lines { try console.result(line) }
            }
        } catch {
            say.error("\(error)")
        }
        return outcome.exitCode
    }

    /// What waits, for the report.
    private func sample(_ plan: DrainPlan) async throws -> ListTally {
        try await QueueSample(
            kafka: plan.settings.kafka, topic: plan.settings.topic, filter: options.filter.filter,
            registry: options.registry, patience: patience, stop: stop
        ).tally(plan.starts, ends: plan.endOffsets).0
    }

    private func writeReport(_ outcome: inout DrainOutcome) {
        guard let path = options.reportFile, !outcome.isDryRun else { return }
        do throws(Refusal) {
            try RunReport(
                outcome: outcome, command: options.command, by: RunName.who(), began: beganAt,
                ended: TimeSource.milliseconds(), before: outcome.before, series: series
            ).write(to: path)
        } catch {
            say.error(error.description)
            outcome.metricsFailure = error.description
        }
    }

    /// The file is for cron and CI: that it could not be written must show.
    private func writeMetrics(_ outcome: inout DrainOutcome) {
        guard let path = options.metricsFile, !outcome.isDryRun else { return }
        do throws(MetricsFileError) {
            try DrainMetrics.write(outcome, to: path, now: TimeSource.milliseconds())
        } catch {
            say.error("\(error)")
            outcome.metricsFailure = "\(error)"
        }
    }
}
