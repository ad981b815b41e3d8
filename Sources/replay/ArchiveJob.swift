import Archive
import Avro
import CommandLine
import Kafka
import Lifecycle
import Pacing
import Redrive
import Runs
import Synchronization
import ToolKit

/// A replay that writes an archive. The file is the progress: on resume it is cut back to its last complete block, and
/// that block says where to go on. On a blocking executor.
struct ArchiveJob {
    let options: ReplayOptions
    let opening: RunOpening
    let plan: ReplayPlan
    let console: Console
    let stop: StopFlag
    let say: Reporter
    /// Seconds after which a block ends although it is not full.
    private static let blockAge = 1.0

    func run(
        _ path: String, _ pace: (profile: RateProfile, text: String), _ outcome: inout ReplayOutcome
    ) async throws {
        let lock = try FileLock(path)
        defer { lock.release() }
        var writer = try open(path)
        let plan = resumed(at: writer.positions)
        outcome.remaining = plan.remaining
        try ask(plan, pace.text)
        if stop.isSet { return }
        let journal = try opening.journal(plan.record(options, now: TimeSource.milliseconds()), options)
        let (controls, pause) = (RunControls(), PausePoint(stop))
        if journal.session.control?.isPaused == true { controls.pause(RunControls.operatorPause) }
        let tally = Mutex(RunTally())
        let shared = TallyBox()
        journal.follow(
            tally: { shared.tally }, heed: { controls.heed($0) }, warn: { [say] in say.warning($0) })
        let line = console.progress(
            options.progress, label: "archiving", done: Int(clamping: plan.total - plan.remaining),
            total: Int(clamping: plan.total))
        let start = MonotonicInstant.now()
        var failure: (any Error)?
        var isWhole = false
        var gate = PaceGate(pace.profile, controls: controls, pause: pause)
        var visited = plan.total - plan.remaining
        var synchronizedAt = MonotonicInstant.now()
        var pending = RunTally()
        do {
            let scan = ReplayScan(plan: plan, selection: options.selection, registry: options.registry, stop: stop)
            isWhole = try await scan.run { batch, index, finding, inspector in
                visited += 1
                let verdict: Verdict
                do throws(UndecodableRecord) {
                    verdict = try plan.rules.archiveVerdict(finding)
                } catch {
                    var error = error
                    error.place = "\(batch.topicPartition(index)) offset \(batch.offset(index))"
                    throw error
                }
                switch verdict {
                case .redrive:
                    guard gate.wait() else { return false }
                    try writer.append(batch, index)
                    pending.redriven += 1
                    pending.bytes += Int64((batch.key(index)?.count ?? 0) + (batch.value(index)?.count ?? 0))
                case .drop(let reason?):
                    pending.rejected += 1
                    pending.rejections[reason, default: 0] += 1
                    writer.advance(batch.topicPartition(index), to: batch.offset(index) + 1)
                default:
                    pending.skipped += 1
                    writer.advance(batch.topicPartition(index), to: batch.offset(index) + 1)
                }
                let now = MonotonicInstant.now()
                if writer.isBlockDue || (writer.hasUnsynchronized && now.seconds(since: synchronizedAt) > Self.blockAge)
                {
                    try writer.synchronize()
                    synchronizedAt = now
                    shared.set(pending)
                }
                if visited % 256 == 0 {
                    line.update(
                        done: Int(clamping: visited), total: Int(clamping: plan.total),
                        text: "\(HumanText.count(pending.redriven)) written")
                }
                return !controls.isStopped
            }
        } catch {
            failure = error
        }
        _ = tally
        do {
            try writer.close()
            shared.set(pending)
        } catch {
            failure = failure ?? error
        }
        line.finish()
        outcome.seconds = MonotonicInstant.now().seconds(since: start)
        outcome.tally = shared.tally
        outcome.remaining = isWhole && failure == nil ? 0 : max(0, plan.total - visited)
        outcome.isEndedByControl = controls.isStopped
        let state: RunCopy.State = failure != nil ? .failed : isWhole ? .finished : .stopped
        journal.end(state, tally: outcome.tally, reason: failure.map { Refusal($0).description }) { say.warning($0) }
        if let failure { throw failure }
    }

    /// A new file, or the one that this run has begun.
    private func open(_ path: String) throws -> ArchiveWriter {
        let definition = Array(options.definition.text.utf8)
        let mine = [
            ArchiveMetadata.run: Array(opening.name.utf8), ArchiveMetadata.definition: definition,
        ]
        guard FileLock.exists(path) else { return try ArchiveWriter.create(path: path, metadata: mine) }
        let writer = try ArchiveWriter.resume(path: path)
        guard writer.metadata[ArchiveMetadata.run] == mine[ArchiveMetadata.run],
            writer.metadata[ArchiveMetadata.definition] == definition
        else {
            throw Refusal(
                .refused,
                "\(path) exists already, and is not the archive of run \(opening.name); nothing was written. Choose another "
                    + "file, or --run with the name of the run that wrote it")
        }
        return writer
    }

    /// The plan with what the file holds taken for done.
    private func resumed(at positions: [TopicPartition: Int64]) -> ReplayPlan {
        let sources = plan.settings.sources
        let starts = plan.starts.map { start in
            let reached = positions[sources.place(of: start.partition)] ?? 0
            var done = start.done
            done.insert(done.committed..<max(done.committed, reached))
            var resumed = start
            resumed.done = done
            return resumed
        }
        return ReplayPlan(
            clusterID: plan.clusterID, settings: plan.settings, rules: plan.rules, starts: starts,
            endOffsets: plan.endOffsets, range: plan.range, notices: plan.notices)
    }

    private func ask(_ plan: ReplayPlan, _ rate: String) throws {
        let question =
            "Write \(HumanText.count(plan.remaining)) offsets of \(plan.settings.topic) into \(options.destinationName), at "
            + "\(rate) a second, as run \(opening.name)?"
        let stop = stop
        try console.confirm(question, isAnswered: options.isAnswered) { stop.isSet }
    }
}

/// The names under which an archive says what it is of.
enum ArchiveMetadata {
    static let run = "gamification.run"
    static let definition = "gamification.definition"
}

extension ReplayRules {
    /// As for a topic, but for routes: a file takes records of every origin.
    func archiveVerdict(_ finding: ReplayInspector.Finding) throws(UndecodableRecord) -> Verdict {
        switch finding {
        case .rejected, .needsSchema: return .drop(reason: nil)
        case .selected: return .redrive
        case .undecodable(let reason, let isSelected):
            switch onUndecodable {
            case .skip: return .drop(reason: reason)
            case .stop: throw UndecodableRecord(reason: reason)
            case .publish: return isSelected ? .redrive : .drop(reason: reason)
            }
        }
    }
}
