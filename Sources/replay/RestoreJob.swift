import Archive
import Avro
import CommandLine
import Kafka
import Lifecycle
import Redrive
import Runs
import ToolKit

/// A replay whose source is an archive. Its progress stands in the run's record, in the publishing transaction; the
/// transactional id is the run's own, so that a second copy fences the first. On a blocking executor.
struct RestoreJob {
    let options: ReplayOptions
    let opening: RunOpening
    let console: Console
    let stop: StopFlag
    let say: Reporter

    func run(_ path: String, _ outcome: inout ReplayOutcome) async throws {
        let digest = try FileDigest.sha256(path)
        let known = opening.entry.record?.archive
        try known?.check(path, digest, run: opening.name)
        let (route, destinations) = try ReplayDestinations(options, StartCommand.patience).find(
            opening.reader, opening.admin)
        var rules = ReplayRules(route: route, run: opening.name, destinations: destinations)
        rules.timestamps = options.timestamps
        rules.onUndecodable = options.onUndecodable
        let judge = ArchiveJudge(rules, options)
        let survey = try await ArchiveSurvey.make(path, judge, after: known, stop: stop)
        outcome.total = survey.records
        outcome.remaining = survey.records
        outcome.damage = survey.damage
        if let damage = survey.damage { say.warning(damage) }
        if options.isDryRun { outcome.show(survey.counts, at: opening.pace.profile) }
        if let objection = survey.counts.objection { throw objection }
        if options.isDryRun { return }
        try await survey.order.judge(
            options.connection.kafka, run: opening.name, isStrict: options.isOrderStrict, stop: stop, say: say)
        try ask(path, survey)
        if stop.isSet { return }
        let record = RunRecord(
            name: opening.name, program: Replay.table.program, command: Replay.start.name, group: "",
            definition: options.definition.recorded,
            range: [.init(topic: path, bounds: [0..<survey.records])], rate: options.rateText,
            startedAt: TimeSource.milliseconds())
        let journal = try opening.journal(record, options)
        let publisher: RestorePublisher
        let lag: LagGuard?
        do {
            publisher = try RestorePublisher(
                options: options, opening: opening, journal: journal, path: path, digest: digest, judge: judge,
                stop: stop, say: say)
            lag = try options.lagGuard(publisher.controls, say)
        } catch {
            journal.end(.failed, tally: RunTally(), reason: Refusal(error).description) { say.warning($0) }
            throw error
        }
        defer { lag?.stop() }
        let line = console.progress(options.progress, label: "restoring", total: Int(clamping: survey.records))
        let total = survey.records
        publisher.report = { done, tally in
            line.update(
                done: Int(clamping: done), total: Int(clamping: total), text: "\(HumanText.count(tally.redriven)) sent")
        }
        let start = MonotonicInstant.now()
        var failure: (any Error)?
        do { try await publisher.run(path) } catch { failure = error }
        line.finish()
        outcome.seconds = MonotonicInstant.now().seconds(since: start)
        outcome.tally = publisher.tally
        let remaining = max(0, survey.records - publisher.done)
        outcome.remaining = remaining
        outcome.isEndedByControl = publisher.controls.isStopped && remaining > 0
        let state: RunCopy.State = failure != nil ? .failed : remaining == 0 ? .finished : .stopped
        journal.end(state, tally: outcome.tally, reason: failure.map { Refusal($0).description }) { say.warning($0) }
        publisher.close()
        if let expired = lag?.expired, remaining > 0 { throw Refusal(.stoppedEarly, expired) }
        if let failure { throw failure }
    }

    private func ask(_ path: String, _ survey: ArchiveSurvey) throws {
        let question =
            "Publish \(HumanText.count(survey.counts.tally.redriven)) of \(HumanText.count(survey.records)) records of \(path) to "
            + "\(options.destinationName) on cluster \(opening.clusterID), at \(opening.pace.text) a second, as run "
            + "\(opening.name)?"
        let stop = stop
        try console.confirm(question, isAnswered: options.isAnswered) { stop.isSet }
    }
}

extension RunRecord.ArchivePlace {
    /// Refuses to go on in another file than the run's.
    func check(_ path: String, _ digest: String, run: String) throws {
        guard self.digest != digest else { return }
        throw Refusal(
            .refused,
            "\(path) is not the file that run \(run) began with (SHA-256 \(self.digest)); nothing was published")
    }
}
