import Archive
import Avro
import CommandLine
import Kafka
import Lifecycle
import Redrive
import Runs
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
    /// Seconds between two looks at how far it is.
    private static let showAge = 0.1

    func run(_ path: String, _ outcome: inout ReplayOutcome) async throws {
        let lock = try FileLock(path)
        defer { lock.release() }
        let begun = try begun(path)
        let plan = resumed(at: begun ?? [:])
        outcome.remaining = plan.remaining
        try ask(plan)
        if stop.isSet { return }
        let writer = try begun == nil ? ArchiveWriter.create(path: path, metadata: identity) : .resume(path: path)
        let journal = try opening.journal(plan.record(options, now: TimeSource.milliseconds()), options)
        let controls = RunControls()
        opening.begin(controls, journal, say)
        let shared = TallyBox()
        journal.follow(
            tally: { shared.tally }, heed: { controls.heed($0) }, warn: { [say] in say.warning($0) })
        let start = MonotonicInstant.now()
        var failure: (any Error)?
        let remaining: Int64
        do throws(Ended) {
            remaining = try await write(plan, writer, controls, shared)
        } catch {
            failure = error.cause
            remaining = error.remaining
        }
        outcome.remaining = remaining
        outcome.seconds = MonotonicInstant.now().seconds(since: start)
        outcome.tally = shared.tally
        outcome.isEndedByControl = controls.isStopped && remaining > 0
        let state: RunCopy.State = failure != nil ? .failed : remaining == 0 ? .finished : .stopped
        journal.end(state, tally: outcome.tally, reason: failure.map { Refusal($0).description }) { say.warning($0) }
        if let failure { throw failure }
    }

    /// What ended the writing, and how many offsets of the range are not in the file.
    private struct Ended: Error {
        let cause: any Error
        let remaining: Int64
    }

    /// Writes what is left.
    ///
    /// - Returns: how many offsets of the range are not dealt with.
    private func write(
        _ plan: ReplayPlan, _ begun: consuming ArchiveWriter, _ controls: RunControls, _ shared: TallyBox
    ) async throws(Ended) -> Int64 {
        var writer = begun
        let line = console.progress(
            options.progress, label: "archiving", done: Int(clamping: plan.total - plan.remaining),
            total: Int(clamping: plan.total))
        defer { line.finish() }
        var gate = PaceGate(opening.pace.profile, controls: controls, stop: stop)
        var tally = RunTally()
        var (synchronizedAt, shownAt) = (MonotonicInstant.now(), MonotonicInstant.now())
        var isWhole = false
        var failure: (any Error)?
        do {
            let scan = ReplayScan(plan: plan, selection: options.selection, registry: options.registry, stop: stop)
            isWhole = try await scan.run { place, range in
                tally.gone += Int64(range.count)
                writer.advance(place, to: range.upperBound)
            } visit: { batch, index, finding, _ in
                let verdict = try verdict(plan.rules, finding, batch, index)
                var bytes = 0
                if verdict == .redrive {
                    guard gate.wait() else { return false }
                    try writer.append(batch, index)
                    bytes = (batch.key(index)?.count ?? 0) + (batch.value(index)?.count ?? 0)
                } else {
                    writer.advance(batch.topicPartition(index), to: batch.offset(index) + 1)
                }
                tally.add(verdict, bytes: bytes)
                let now = MonotonicInstant.now()
                if writer.isBlockDue || (writer.hasUnsynchronized && now.seconds(since: synchronizedAt) > Self.blockAge)
                {
                    try writer.synchronize()
                    synchronizedAt = now
                    shared.set(tally)
                }
                if now.seconds(since: shownAt) > Self.showAge {
                    shownAt = now
                    line.update(
                        done: Int(clamping: plan.total - resumed(at: writer.positions).remaining),
                        total: Int(clamping: plan.total), text: "\(HumanText.count(tally.redriven)) written")
                }
                return !controls.isStopped && tally.selected < options.limit ?? .max
            }
        } catch {
            failure = error
        }
        // What a scan that ended early has not visited.
        let remaining = isWhole ? 0 : resumed(at: writer.positions).remaining
        do {
            try writer.close()
            shared.set(tally)
        } catch {
            failure = failure ?? error
        }
        if let failure { throw Ended(cause: failure, remaining: remaining) }
        return remaining
    }

    private func verdict(
        _ rules: ReplayRules, _ finding: ReplayInspector.Finding, _ batch: RecordBatch, _ index: Int
    ) throws -> Verdict {
        do throws(UndecodableRecord) {
            return try rules.verdict(finding, origin: nil)
        } catch {
            var error = error
            error.place = "\(batch.topicPartition(index)) offset \(batch.offset(index))"
            throw error
        }
    }

    /// By what the file is known as this run's.
    private var identity: [String: [UInt8]] {
        [
            ArchiveMetadata.run: Array(opening.name.utf8),
            ArchiveMetadata.definition: Array(options.definition.text.utf8),
        ]
    }

    /// How far the file goes that this run has begun; nil where there is none. That of another is not touched.
    private func begun(_ path: String) throws -> [TopicPartition: Int64]? {
        guard FileLock.exists(path) else { return nil }
        let found = try ArchiveReader(path: path).metadata
        guard identity.allSatisfy({ found[$0.key] == $0.value }) else {
            throw Refusal(
                .refused,
                "\(path) exists already, and is not the archive of run \(opening.name); nothing was written. Choose another "
                    + "file, or --run with the name of the run that wrote it")
        }
        let writer = try ArchiveWriter.resume(path: path)
        let positions = writer.positions
        try writer.close()
        return positions
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

    private func ask(_ plan: ReplayPlan) throws {
        let question =
            "Write \(HumanText.count(plan.remaining)) offsets of \(plan.settings.topic) into \(options.destinationName), at "
            + "\(opening.pace.text) a second, as run \(opening.name)?"
        let stop = stop
        try console.confirm(question, isAnswered: options.isAnswered) { stop.isSet }
    }
}

/// The names under which an archive says what it is of.
enum ArchiveMetadata {
    static let run = "gamification.run"
    static let definition = "gamification.definition"
}
