import CommandLine
import Crypto
import Kafka
import Lifecycle
import Redrive
import Runs
import ToolKit

/// One run of the engine with everything beside it: progress line, history, guards.
extension DrainCommand {
    /// One run, from joining the group to its end.
    ///
    /// - Parameters:
    ///   - isCanary: whether others follow that are left behind on purpose.
    ///   - planned: makes what decides in place of the rules, for each lane.
    ///   - decide: told what was done by a run that reached its end, while its entry in the history is still open; says why
    ///     the work must end here.
    func redrive(
        _ plan: DrainPlan, _ outcome: inout DrainOutcome, label: String, isCanary: Bool = false,
        planned: @escaping @Sendable () throws -> (any PlannedFates)?,
        decide: (RunTally) throws -> Refusal? = { _ in nil }
    ) async throws {
        let before = outcome.tally
        let (rules, filter, registry, settings) = (plan.rules, options.filter.filter, options.registry, plan.settings)
        let isAlone = settings.limit != nil || !settings.bounds.isEmpty || options.job.archive != nil
        let discarding = try discarding(plan)
        let laneCount = settings.pace == .unlimited && !isAlone ? 2 : 1
        let run = try RedriveRun(
            plan.settings, ends: plan.ends, stop: stop, notify: { [say] in say.info($0) },
            processors: (0..<laneCount).map { _ in
                {
                    let processor = DrainProcessor(
                        rules, filter: filter, registry: registry,
                        originReader: OriginReader(settings.kafka, patience: settings.patience),
                        planned: try planned(), now: TimeSource.milliseconds)
                    return try discarding.map { DiscardProcessor(processor, archive: try $0()) } ?? processor
                }
            })
        let statistics = run.statistics
        let controls = run.controls
        // Before the run stands in the history as being under way: they may be asked for what is not there.
        let guards = try RunGuards(
            options.guards, kafka: settings.kafka, watched: options.reportFile == nil ? [] : consumers(plan),
            controls: controls, began: began, say: { [say] in say.info($0) })
        defer { guards.stop() }
        try guards.start()
        let journal = try openJournal(plan)
        let line = console.progress(
            options.progress, label: label, total: options.follows ? nil : Int(clamping: plan.remaining))
        journal?.follow(
            statistics, heed: { controls.heed($0) }, warn: { [say] in say.warning($0) })
        let ticker = Ticker(milliseconds: 100) {
            let now = statistics.snapshot
            line.update(
                done: Int(clamping: now.tally.selected + now.tally.requeued + now.tally.skipped),
                total: options.follows ? nil : Int(clamping: plan.remaining), text: now.sentence)
        }
        let series = series
        @Sendable func point() {
            let tally = statistics.snapshot.tally
            series.add(done: before.selected + before.requeued + tally.selected + tally.requeued, lags: guards.lags)
        }
        let sampler = Ticker(milliseconds: 1_000) { point() }
        let start = MonotonicInstant.now()
        let result = run.run()
        ticker.stop()
        line.finish()
        outcome.seconds += MonotonicInstant.now().seconds(since: start)
        var tally = statistics.snapshot.tally
        // What a canary passes over is dealt with by the run that follows, and counted there.
        if isCanary { tally.skipped = 0 }
        outcome.tally = before
        outcome.tally += tally
        outcome.plan?.finish(
            outcome.tally, log, isWhole: !isCanary && result.error == nil && result.outcome == .drained)
        // A run that never got a partition has left everything.
        let remaining = statistics.snapshot.remaining ?? plan.remaining
        outcome.remaining = remaining
        var ended = result.error.map { Refusal($0) } ?? guards.refusal(result.outcome, remaining: remaining)
        if ended == nil, result.outcome == .drained {
            do { ended = try decide(tally) } catch { ended = Refusal(error) }
        }
        sampler.stop()
        point()
        let state: RunCopy.State =
            result.error != nil
            ? .failed : result.outcome == .drained && ended == nil && !stop.isSet ? .finished : .stopped
        journal?.end(state, tally: tally, reason: ended?.description, isOutage: result.error?.isOutage ?? false) {
            say.warning($0)
        }
        outcome.isEndedByControl = controls.isStopped && remaining > 0
        if let ended { throw ended }
    }

    /// Whose lag the report shows: that of the groups that process what is redriven.
    private func consumers(_ plan: DrainPlan) -> [LagLimit] {
        let topics: [String] =
            switch plan.rules.route {
            case .topic(let name): [name]
            case .origin(let allowed): allowed.sorted()
            }
        return topics.flatMap { topic in options.consumers.map { LagLimit(topic: topic, group: $0, records: .max) } }
    }

    /// What opens the archive, on the lane's thread; nil where nothing is discarded.
    private func discarding(_ plan: DrainPlan) throws -> (@Sendable () throws -> DiscardArchive)? {
        guard case .discard(let reason, let path) = options.job else { return nil }
        guard let topic = plan.settings.progressTopic else {
            throw Refusal(
                .refused,
                "discard needs the topic \(options.progressTopic), which says how much of the archive counts; make it with: "
                    + "reprocess-dlq topics --create")
        }
        let identity = DiscardArchive.Identity(
            id: try RandomBytes.hexadecimalID(byteCount: 16), clusterID: plan.clusterID, topic: options.topic,
            group: options.group, run: plan.settings.run, reason: reason, by: RunName.who())
        let receipts = ReceiptStore(plan.settings.kafka, topic: topic, patience: patience, stop: StopFlag())
        return { try DiscardArchive(path: path, identity: identity, receipts: receipts) }
    }

    /// The run's entry in the history.
    func openJournal(_ plan: DrainPlan) throws -> RunJournal? {
        try RunJournal.entered(
            plan.settings.kafka, topic: options.runsTopic,
            plan.runRecord(options, file: file, now: TimeSource.milliseconds()), copy: plan.settings.copy,
            patience: patience,
            warn: { [say] in say.warning($0) })
    }
}

extension RunStatistics.Snapshot {
    /// What a progress line says beside the numbers.
    var sentence: String {
        if !pauses.isEmpty { return "waiting for \(pauses.joined(separator: ", "))" }
        if let waitingFor { return "waiting for \(waitingFor)" }
        return tally.parkedTotal > 0 ? "\(HumanText.count(tally.parkedTotal)) parked" : ""
    }
}
