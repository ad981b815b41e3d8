import CommandLine
import Kafka
import Lifecycle
import Observability
import Pacing
import Redrive
import Runs
import SharedPacing
import ToolKit

/// A replay whose source is topics. On a blocking executor.
struct TopicJob {
    let options: ReplayOptions
    let opening: RunOpening
    let console: Console
    let stop: StopFlag
    let say: Reporter
    /// How many selected records are looked at before anything is published.
    private static let sample: Int64 = 1_000
    /// How many keys a warning about order is judged by; `--strict-order` looks at all.
    private static let orderSample: Int64 = 10_000
    /// Newer records at the destination that are counted at most.
    private static let orderLimit = 1_000

    func run(_ topics: [String], _ outcome: inout ReplayOutcome) async throws {
        let known = opening.entry.record
        let pace = effectivePace()
        let planner = ReplayPlanner(
            options: options, runName: opening.name, copy: opening.copy, known: known, pace: pace.profile,
            patience: StartCommand.patience, stop: stop, say: { [say] in say.info($0) })
        let plan = try planner.plan(
            known?.range.map(\.topic) ?? topics, reader: opening.reader, admin: opening.admin,
            clusterID: opening.clusterID)
        outcome.sources = plan.settings.sources.names
        outcome.remaining = plan.remaining
        outcome.total = plan.total
        for notice in plan.notices { say.warning(notice) }
        if options.isDryRun { return try await dryRun(plan, pace.profile, &outcome) }
        if case .archive(let path) = options.destination {
            let job = ArchiveJob(options: options, opening: opening, plan: plan, console: console, stop: stop, say: say)
            return try await job.run(path, pace, &outcome)
        }
        if plan.remaining == 0 {
            return say.info(
                known == nil ? "nothing lies in the range" : "run \(opening.name) is finished: nothing is left")
        }
        try await lookAhead(plan)
        try ask(plan, pace.text)
        if stop.isSet { return }
        let journal = try opening.journal(plan.record(options, now: TimeSource.milliseconds()), options)
        do {
            // A copy that began the run at the same moment may have pinned other ends.
            let isFirst = journal.session.record.range == plan.range
            let agreed = try isFirst ? plan : again(planner, journal.session.record)
            outcome.remaining = agreed.remaining
            outcome.total = agreed.total
            try replay(agreed, pace, journal, &outcome)
        } catch {
            // The end of a run is written where it ends.
            if outcome.seconds == 0 {
                journal.end(.failed, tally: outcome.tally, reason: Refusal(error).description) { say.warning($0) }
            }
            throw error
        }
    }

    private func again(_ planner: ReplayPlanner, _ record: RunRecord) throws -> ReplayPlan {
        say.info("another copy began run \(opening.name) at the same moment; what it pinned holds")
        var planner = planner
        planner.known = record
        return try planner.plan(
            record.range.map(\.topic), reader: opening.reader, admin: opening.admin, clusterID: opening.clusterID)
    }

    /// The rate that holds: as asked for now, as an operator has set it, as the run was started with, in this order.
    private func effectivePace() -> (profile: RateProfile, text: String) {
        guard !options.isRateGiven else { return (options.pace, options.rateText) }
        for text in [opening.entry.control?.rate, opening.entry.record?.rate] {
            if let text, let profile = try? RateProfile(parsing: text) { return (profile, text) }
        }
        return (options.pace, options.rateText)
    }

    // MARK: - Before

    private func dryRun(_ plan: ReplayPlan, _ pace: RateProfile, _ outcome: inout ReplayOutcome) async throws {
        var dryRun = DryRun()
        let line = console.progress(options.progress, label: "looking", total: Int(clamping: plan.remaining))
        defer { line.finish() }
        let now = TimeSource.milliseconds()
        var visited = 0
        let scan = ReplayScan(plan: plan, selection: options.selection, registry: options.registry, stop: stop)
        _ = try await scan.run { batch, index, finding, inspector in
            dryRun.count(batch, index, finding, inspector, rules: plan.rules, now: now)
            visited += 1
            if visited % 1_024 == 0 { line.update(done: visited, total: Int(clamping: plan.remaining)) }
            return true
        }
        outcome.tally.redriven = dryRun.selected
        outcome.tally.skipped = dryRun.skipped
        outcome.tally.rejections = dryRun.rejections
        outcome.tally.rejected = dryRun.rejections.values.reduce(0, +)
        outcome.tally.bytes = dryRun.bytes
        outcome.estimate = pace.seconds(for: Double(dryRun.selected))
        outcome.dryRun = dryRun
        if let objection = dryRun.objection { throw objection }
    }

    /// Looks at the first records: whether the destination keeps them, and whether it holds newer ones of their keys.
    private func lookAhead(_ plan: ReplayPlan) async throws {
        let line = console.progress(options.progress, label: "looking", total: nil)
        defer { line.finish() }
        var order = OrderGuard()
        var objection: TimestampObjection?
        var selected: Int64 = 0
        let now = TimeSource.milliseconds()
        let limit = options.isOrderStrict ? Int64.max : Self.orderSample
        let scan = ReplayScan(plan: plan, selection: options.selection, registry: options.registry, stop: stop)
        _ = try await scan.run { batch, index, finding, inspector in
            guard finding == .selected else { return true }
            let letter = inspector.letter
            let time = batch.timestamp(index).milliseconds
            if selected < Self.sample, objection == nil {
                do throws(TimestampObjection) {
                    try plan.rules.checkTimestamp(letter, recordTimestamp: time, now: now)
                } catch { objection = error }
            }
            order.add(
                key: batch.key(index), timestamp: plan.rules.originalTimestamp(letter, recordTimestamp: time),
                to: plan.rules.destination(letter))
            selected += 1
            if selected % 1_024 == 0 { line.update(done: Int(clamping: selected), total: nil) }
            return selected < limit && objection == nil
        }
        if let objection { throw objection }
        let newer = try await order.newer(
            in: plan.settings.kafka, run: opening.name, patience: StartCommand.patience, limit: Self.orderLimit,
            stop: stop)
        guard newer > 0 else { return }
        let count = newer >= Self.orderLimit ? "at least \(Self.orderLimit)" : "\(newer)"
        let sentence =
            "the destination already holds \(count) newer records of the same keys: this replay puts old state after new"
        guard options.isOrderStrict else { return say.warning(sentence) }
        throw Refusal(.refused, "\(sentence), and --strict-order refuses that. Nothing was published")
    }

    private func ask(_ plan: ReplayPlan, _ rate: String) throws {
        var question =
            "Replay \(HumanText.count(plan.remaining)) offsets of \(plan.settings.topic) to \(options.destinationName) "
            + "on cluster \(plan.clusterID), at \(rate) a second, as run \(opening.name)?"
        if !options.selectionText.isEmpty { question += " (\(options.selectionText.joined(separator: " ")))" }
        let stop = stop
        try console.confirm(question, isAnswered: options.isAnswered) { stop.isSet }
    }

    // MARK: - During

    private func replay(
        _ plan: ReplayPlan, _ pace: (profile: RateProfile, text: String), _ journal: RunJournal,
        _ outcome: inout ReplayOutcome
    ) throws {
        let (rules, selection, registry) = (plan.rules, options.selection, options.registry)
        let trace = TraceContext.root()
        // Two, so that one sends while the other commits.
        let laneCount = options.limit == nil ? 2 : 1
        let ends = EndPins(
            plan.settings.sources, reader: opening.reader, patience: StartCommand.patience, pinned: plan.endOffsets)
        let permits = try options.sharedRate.map {
            try PermitFeed($0, run: opening.name, rate: pace.profile) { [say] in say.warning($0) }
        }
        defer { permits?.stop() }
        let run = try RedriveRun(
            plan.settings, ends: ends, stop: stop, notify: { [say] in say.info($0) },
            processors: (0..<laneCount).map { _ in
                {
                    ReplayProcessor(
                        rules, selection: selection, registry: registry, trace: trace, now: TimeSource.milliseconds)
                }
            }, permits: permits)
        say.info("run \(opening.name), trace \(trace.traceID)")
        let (controls, statistics) = (run.controls, run.statistics)
        let lag =
            options.lagLimits.isEmpty
            ? nil
            : try LagGuard(
                plan.settings.kafka, limits: options.lagLimits, longest: options.lagWait, controls: controls,
                say: { [say] in say.info($0) })
        defer { lag?.stop() }
        try lag?.start()
        if journal.session.control?.isPaused == true {
            controls.pause(RunControls.operatorPause)
            say.warning("run \(opening.name) is paused; let it go on with: replay resume --run \(opening.name)")
        }
        journal.follow(statistics, heed: { controls.heed($0) }, warn: { [say] in say.warning($0) })
        let line = console.progress(
            options.progress, label: "replaying", done: Int(clamping: plan.total - plan.remaining),
            total: Int(clamping: plan.total))
        let begun = plan.total - plan.remaining
        // What was to be found out with it is known.
        opening.admin.close(timeout: .seconds(5))
        let ticker = Ticker(milliseconds: 100) {
            let now = statistics.snapshot
            line.update(
                done: Int(clamping: now.remaining.map { plan.total - $0 } ?? begun), total: Int(clamping: plan.total),
                text: now.sentence(lags: lag?.lags ?? [:]))
        }
        let start = MonotonicInstant.now()
        let result = run.run()
        ticker.stop()
        line.finish()
        outcome.seconds = MonotonicInstant.now().seconds(since: start)
        outcome.tally = statistics.snapshot.tally
        // A run that never got a partition has left everything.
        outcome.remaining = statistics.snapshot.remaining ?? plan.remaining
        outcome.isEndedByControl = controls.isStopped && outcome.remaining > 0
        let state: RunCopy.State =
            result.error != nil ? .failed : result.outcome == .drained ? .finished : .stopped
        journal.end(
            state, tally: outcome.tally, reason: result.error.map { Refusal($0).description } ?? lag?.expired,
            isOutage: result.error?.isOutage ?? false
        ) { say.warning($0) }
        if let expired = lag?.expired, outcome.remaining > 0 { throw Refusal(.stoppedEarly, expired) }
        if let error = result.error { throw error }
    }
}

extension PermitFeed: PermitSource {}

extension RunOpening {
    /// Enters this copy under the run's name, once more checking that the run is the same.
    func journal(_ record: RunRecord, _ options: ReplayOptions) throws -> RunJournal {
        let journal = try RunJournal.open(
            options.connection.kafka, topic: options.runsTopic, record: record, copy: copy,
            patience: StartCommand.patience
        ) { entry in
            if let known = entry.record { try RunOpening.check(options, known) }
        }
        guard let journal else { throw RunAccess.missing(options.runsTopic) }
        // Copies that run already follow a rate that this start has asked for.
        if options.isRateGiven, entry.record != nil, options.rateText != (entry.control?.rate ?? entry.record?.rate),
            !options.rateText.contains(":")
        {
            var control = journal.session.control ?? RunControl(at: 0, by: "")
            control.rate = options.rateText
            control.at = TimeSource.milliseconds()
            control.by = RunName.who()
            try journal.write(control)
        }
        return journal
    }
}

extension RunStatistics.Snapshot {
    /// What a progress line says beside the numbers.
    func sentence(lags: [LagLimit: Int64]) -> String {
        if !pauses.isEmpty { return "paused: \(pauses.joined(separator: ", "))" }
        if let waitingFor { return "waiting for \(waitingFor)" }
        let lag = lags.values.max().map { ", lag \(HumanText.count($0))" } ?? ""
        return "\(HumanText.count(tally.redriven)) sent\(lag)"
    }
}
