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
    /// How many selected records a warning about order is judged by, and how many it looks at for them; `--strict-order`
    /// looks at all.
    private static let orderSample: Int64 = 10_000
    private static let orderLook: Int64 = 1_000_000

    func run(_ topics: [String], _ outcome: inout ReplayOutcome) async throws {
        if let known = opening.entry.record, known.finishedAt != nil { return sayFinished(known, &outcome) }
        do {
            try await work(topics, &outcome)
        } catch {
            guard outcome.seconds == 0, let known = opening.entry.record, isFinishedMeanwhile(error) else {
                throw error
            }
            sayFinished(known, &outcome)
        }
    }

    private func sayFinished(_ record: RunRecord, _ outcome: inout ReplayOutcome) {
        outcome.sources = record.range.map(\.topic)
        (outcome.total, outcome.remaining) = (record.offsets, 0)
        say.info("run \(opening.name) is finished: nothing is left")
    }

    /// Whether progress is missed because other copies have finished the run, after which it goes.
    private func isFinishedMeanwhile(_ error: (any Error)?) -> Bool {
        guard case .progress? = error as? RedriveError else { return false }
        return (try? opening.hasFinished()) == true
    }

    private func work(_ topics: [String], _ outcome: inout ReplayOutcome) async throws {
        let known = opening.entry.record
        let pace = opening.pace
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
        try checkRemembered(plan)
        if options.isDryRun { return try await dryRun(plan, pace.profile, &outcome) }
        if case .archive(let path) = options.destination {
            let job = ArchiveJob(options: options, opening: opening, plan: plan, console: console, stop: stop, say: say)
            return try await job.run(path, &outcome)
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

    // MARK: - Before

    /// A broker forgets an idle group's offsets. Where no progress topic repeats them, what was published before would be
    /// published once more. An archive is its own progress.
    private func checkRemembered(_ plan: ReplayPlan) throws {
        if case .archive = options.destination { return }
        guard let tally = opening.entry.record?.tally, tally.selected + tally.skipped > 0,
            plan.starts.allSatisfy({ $0.sequence == 0 })
        else { return }
        throw Refusal(
            .refused,
            "run \(opening.name) has dealt with \(HumanText.count(tally.selected + tally.skipped)) records, and nothing says "
                + "any more which: group \(plan.settings.group) has no committed offsets, and there is no progress. Nothing was "
                + "published; go on under another name, with --from or --since where this run ended")
    }

    private func dryRun(_ plan: ReplayPlan, _ pace: RateProfile, _ outcome: inout ReplayOutcome) async throws {
        var dryRun = DryRun()
        let line = console.progress(options.progress, label: "looking", total: Int(clamping: plan.remaining))
        defer { line.finish() }
        let now = TimeSource.milliseconds()
        var visited = 0
        let limit = options.limit ?? .max
        let scan = ReplayScan(plan: plan, selection: options.selection, registry: options.registry, stop: stop)
        _ = try await scan.run { batch, index, finding, inspector in
            dryRun.count(batch, index, finding, inspector, rules: plan.rules, now: now)
            visited += 1
            if visited % 1_024 == 0 { line.update(done: visited, total: Int(clamping: plan.remaining)) }
            return dryRun.tally.selected < limit
        }
        outcome.show(dryRun, at: pace)
        if let objection = dryRun.objection { throw objection }
    }

    /// Looks at the first records: whether the destination keeps them, and whether it holds newer ones of their keys.
    private func lookAhead(_ plan: ReplayPlan) async throws {
        let line = console.progress(options.progress, label: "looking", total: nil)
        defer { line.finish() }
        var order = OrderGuard()
        var objection: TimestampObjection?
        var (visited, selected): (Int64, Int64) = (0, 0)
        let now = TimeSource.milliseconds()
        let (limit, look) = options.isOrderStrict ? (Int64.max, .max) : (Self.orderSample, Self.orderLook)
        let scan = ReplayScan(plan: plan, selection: options.selection, registry: options.registry, stop: stop)
        _ = try await scan.run { batch, index, finding, inspector in
            visited += 1
            if visited % 1_024 == 0 { line.update(done: Int(clamping: visited), total: nil) }
            guard finding == .selected else { return visited < look }
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
            return selected < limit && visited < look && objection == nil
        }
        if let objection { throw objection }
        try await order.judge(
            plan.settings.kafka, run: opening.name, isStrict: options.isOrderStrict, stop: stop, say: say)
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
        let lag = try options.lagGuard(controls, say)
        defer { lag?.stop() }
        opening.begin(controls, journal, say)
        journal.follow(statistics, heed: { controls.heed($0) }, warn: { [say] in say.warning($0) })
        let line = console.progress(
            options.progress, label: "replaying", done: Int(clamping: plan.total - plan.remaining),
            total: Int(clamping: plan.total))
        // What was to be found out with it is known.
        opening.admin.close(timeout: .seconds(5))
        @Sendable func show() {
            let now = statistics.snapshot
            let (done, total) = now.progress(of: plan)
            line.update(done: done, total: total, text: now.sentence(of: plan, lags: lag?.lags ?? [:]))
        }
        let ticker = line.isShown ? Ticker(milliseconds: 100) { show() } : nil
        let start = MonotonicInstant.now()
        let result = run.run()
        ticker?.stop()
        line.finish()
        outcome.seconds = MonotonicInstant.now().seconds(since: start)
        outcome.tally = statistics.snapshot.tally
        let isOver = isFinishedMeanwhile(result.error)
        let error = isOver ? nil : result.error
        // A run that never got a partition has left everything.
        let remaining = isOver ? 0 : statistics.snapshot.remaining ?? plan.remaining
        outcome.remaining = remaining
        outcome.isEndedByControl = controls.isStopped && remaining > 0
        let state: RunCopy.State =
            error != nil ? .failed : isOver || result.outcome == .drained ? .finished : .stopped
        end(
            state, reason: error.map { Refusal($0).description } ?? lag?.expired, isOutage: error?.isOutage ?? false,
            plan, journal, outcome.tally)
        if let expired = lag?.expired, remaining > 0 { throw Refusal(.stoppedEarly, expired) }
        if let error { throw error }
    }

    /// Writes this copy's end, and, where it was the last part of the run, the run's; then nobody needs the progress.
    private func end(
        _ state: RunCopy.State, reason: String?, isOutage: Bool, _ plan: ReplayPlan, _ journal: RunJournal,
        _ tally: RunTally
    ) {
        let progress = GroupProgress(
            plan.settings, slots: plan.starts.map(\.partition), stop: stop, notify: { [say] in say.info($0) })
        let isWhole = state == .finished && (try? plan.remaining(of: progress.load())) == 0
        let isRecorded = journal.end(
            state, tally: tally, reason: reason, isWhole: isWhole, isOutage: isOutage
        ) { say.warning($0) }
        guard isWhole, isRecorded else { return }
        do { try progress.remove() } catch { say.warning("progress that is not needed any more stays: \(error)") }
    }
}

extension PermitFeed: PermitSource {}

extension RunStatistics.Snapshot {
    /// Whether other copies hold partitions of the run.
    private func isShared(_ plan: ReplayPlan) -> Bool { partitions > 0 && partitions < plan.endOffsets.count }

    /// Offsets done, and to be done: of the run, or, where other copies do the rest, of this copy's part.
    func progress(of plan: ReplayPlan) -> (done: Int, total: Int) {
        if isShared(plan), let remaining {
            let done = tally.selected + tally.skipped + tally.gone
            return (Int(clamping: done), Int(clamping: done + remaining))
        }
        return (Int(clamping: plan.total - (remaining ?? plan.remaining)), Int(clamping: plan.total))
    }

    /// What a progress line says beside the numbers.
    func sentence(of plan: ReplayPlan, lags: [LagLimit: Int64]) -> String {
        if !pauses.isEmpty { return "paused: \(pauses.joined(separator: ", "))" }
        if let waitingFor { return "waiting for \(waitingFor)" }
        let lag = lags.values.max().map { ", lag \(HumanText.count($0))" } ?? ""
        let part = isShared(plan) ? ", \(partitions) of \(plan.endOffsets.count) partitions" : ""
        return "\(HumanText.count(tally.redriven)) sent\(lag)\(part)"
    }
}
