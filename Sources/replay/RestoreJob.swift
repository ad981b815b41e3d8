import Archive
import Avro
import CommandLine
import Crypto
import Events
import Kafka
import Lifecycle
import Observability
import Pacing
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
        if let known, known.digest != digest {
            throw Refusal(
                .refused,
                "\(path) is not the file that run \(opening.name) began with (SHA-256 \(known.digest)); nothing was published"
            )
        }
        let (route, destinations) = try ReplayDestinations(options, StartCommand.patience).find(
            opening.reader, opening.admin)
        var rules = ReplayRules(route: route, run: opening.name, destinations: destinations)
        rules.timestamps = options.timestamps
        rules.onUndecodable = options.onUndecodable
        let judge = ArchiveJudge(rules, options)
        let survey = try await ArchiveSurvey.make(path, judge, stop: stop)
        outcome.total = survey.records
        outcome.remaining = survey.records
        outcome.damage = survey.damage
        if let damage = survey.damage { say.warning(damage) }
        if options.isDryRun {
            outcome.tally = survey.tally
            outcome.dryRun = DryRun()
            outcome.estimate = options.pace.seconds(for: Double(survey.tally.redriven))
            return
        }
        if let objection = survey.objection { throw objection }
        try ask(path, survey)
        if stop.isSet { return }
        let record = RunRecord(
            name: opening.name, program: Replay.table.program, command: Replay.start.name, group: "",
            definition: options.definition.recorded, range: [], rate: options.rateText,
            startedAt: TimeSource.milliseconds())
        let journal = try opening.journal(record, options)
        let publisher = try RestorePublisher(
            options: options, opening: opening, journal: journal, digest: digest, judge: judge, stop: stop)
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
        outcome.remaining = max(0, survey.records - publisher.done)
        outcome.isEndedByControl = publisher.controls.isStopped && outcome.remaining > 0
        let state: RunCopy.State = failure != nil ? .failed : outcome.remaining == 0 ? .finished : .stopped
        journal.end(state, tally: outcome.tally, reason: failure.map { Refusal($0).description }) { say.warning($0) }
        publisher.close()
        if let failure { throw failure }
    }

    private func ask(_ path: String, _ survey: ArchiveSurvey) throws {
        let question =
            "Publish \(HumanText.count(survey.tally.redriven)) of \(HumanText.count(survey.records)) records of \(path) to "
            + "\(options.destinationName) on cluster \(opening.clusterID), at \(options.rateText) a second, as run "
            + "\(opening.name)?"
        let stop = stop
        try console.confirm(question, isAnswered: options.isAnswered) { stop.isSet }
    }
}
