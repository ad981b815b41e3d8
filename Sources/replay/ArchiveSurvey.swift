import Archive
import Avro
import CommandLine
import Kafka
import Lifecycle
import Redrive
import Runs
import ToolKit

/// A look through a whole archive before anything is published.
struct ArchiveSurvey: Sendable {
    private(set) var records: Int64 = 0
    /// What would be published, had nothing been yet.
    private(set) var counts = DryRun()
    /// What is still to be published, by key.
    private(set) var order = OrderGuard()
    /// What of the file cannot be read.
    private(set) var damage: String?

    /// - Parameter place: before it everything is published; nil where nothing is.
    static func make(
        _ path: String, _ judge: ArchiveJudge, after place: RunRecord.ArchivePlace?, stop: StopFlag
    ) async throws -> ArchiveSurvey {
        var survey = ArchiveSurvey()
        var reader = try ArchiveReader(path: path)
        let now = TimeSource.milliseconds()
        while !stop.isSet {
            let block: ArchiveReader.Block?
            do {
                block = try reader.nextBlock()
            } catch let error as AvroContainerError {
                let rest = reader.hasMoreBehindDamage() ? "and good blocks may follow it" : "up to its end"
                survey.damage =
                    "\(path) is damaged from byte \(error.offset) on (\(error.reason)), \(rest): what lies before is used, the "
                    + "rest is not"
                break
            }
            guard let block else { break }
            for (index, record) in block.records.enumerated() {
                let isLeft = place.map { (block.offset, Int64(index)) >= ($0.block, $0.record) } ?? true
                try await survey.count(record, judge, now, isLeft: isLeft)
            }
        }
        return survey
    }

    private mutating func count(
        _ record: ArchivedRecord, _ judge: ArchiveJudge, _ now: Int64, isLeft: Bool
    ) async throws {
        records += 1
        let verdict = try await judge.verdict(record)
        counts.count(
            verdict, judge.inspector, topic: record.topic, time: record.timestamp,
            bytes: (record.key?.count ?? 0) + (record.value?.count ?? 0))
        guard verdict == .redrive else { return }
        let destination = judge.destination(record)
        if isLeft {
            record.key?.withUnsafeBytes { order.add(key: $0, timestamp: record.timestamp, to: destination) }
        }
        guard judge.rules.timestamps == .keep, record.timestampType != .none else { return }
        if let objection = judge.rules.destinations[destination]?.objection(to: record.timestamp, now: now) {
            counts.object(objection)
        }
    }
}
