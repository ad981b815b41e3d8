import Archive
import Avro
import CommandLine
import Kafka
import Lifecycle
import Redrive
import ToolKit

/// A look through a whole archive before anything is published.
struct ArchiveSurvey: Sendable {
    private(set) var records: Int64 = 0
    private(set) var tally = RunTally()
    /// What of the file cannot be read.
    private(set) var damage: String?
    /// The first reason why a destination would not keep a record.
    private(set) var objection: TimestampObjection?

    static func make(_ path: String, _ judge: ArchiveJudge, stop: StopFlag) async throws -> ArchiveSurvey {
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
            for record in block.records { try await survey.count(record, judge, now) }
        }
        return survey
    }

    private mutating func count(_ record: ArchivedRecord, _ judge: ArchiveJudge, _ now: Int64) async throws {
        records += 1
        switch try await judge.verdict(record) {
        case .redrive:
            tally.redriven += 1
            tally.bytes += Int64((record.key?.count ?? 0) + (record.value?.count ?? 0))
            if objection == nil, judge.rules.timestamps == .keep, record.timestampType != .none {
                objection = judge.rules.destinations[judge.destination(record)]?.objection(
                    to: record.timestamp, now: now)
            }
        case .drop(let reason?):
            tally.rejected += 1
            tally.rejections[reason, default: 0] += 1
        default: tally.skipped += 1
        }
    }
}
