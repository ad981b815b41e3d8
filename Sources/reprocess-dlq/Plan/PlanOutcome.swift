import CommandLine
import Redrive
import ToolKit

/// What became of a plan's entries.
struct PlanOutcome: Sendable {
    let path: String
    let digest: String
    let entries: Int64
    /// Done before this run began.
    var alreadyDone: Int64 = 0
    /// Deleted by retention, done or not.
    var gone: Int64 = 0
    /// Records that are another than they were, or whose body is gone; and the first of them.
    var changed: Int64 = 0
    var notMatching: [(place: PlanLog.Place, reason: PlanLog.Reason)] = []
    /// There is no record any more where one was planned, although the run reached its end.
    var absent: Int64 = 0
    /// Not reached.
    var left: Int64 = 0
    /// Neither done nor gone before this run began.
    private let undone: Int64
    /// Entries that a document lists at most.
    private static let listed = 100

    /// Entries that were not sent although they were not done.
    var notSent: Int64 { changed + absent + gone }

    /// Looks at what is done before anything is.
    init(_ file: PlanFile, _ starts: [PartitionStart]) throws {
        path = file.path
        digest = file.digest
        entries = file.entryCount
        let byPartition = Dictionary(starts.map { ($0.partition, $0) }, uniquingKeysWith: { first, _ in first })
        var (missing, done): (Int64, Int64) = (0, 0)
        try file.forEach { entry in
            guard let start = byPartition[entry.partition] else { return }
            if entry.offset < start.logStart, start.gone > 0 {
                missing += 1
            } else if start.done.contains(entry.offset) {
                done += 1
            }
        }
        undone = entries - done - missing
        (gone, alreadyDone, left) = (missing, done, undone)
    }

    /// Takes in what was done so far: by the canary, then by all.
    ///
    /// - Parameter isWhole: whether it reached its end.
    mutating func finish(_ tally: RunTally, _ log: PlanLog, isWhole: Bool) {
        changed = log.count
        notMatching = log.first(Self.listed)
        let rest = undone - tally.selected - tally.requeued - changed
        if isWhole {
            absent = max(0, rest)
            left = 0
        } else {
            left = max(0, rest)
        }
    }

    /// For people: only what there is to say.
    var lines: [String] {
        var lines: [String] = []
        func add(_ label: String, _ count: Int64, _ note: String) {
            guard count > 0 else { return }
            let padded = label + String(repeating: " ", count: max(0, 11 - label.count))
            lines.append("  \(padded)\(HumanText.count(count))  \(note)")
        }
        add("planned", entries, "entries of \(path)")
        add("done", alreadyDone, "done already, not sent again")
        add("changed", changed, "no longer what was planned, not sent: \(places)")
        add("absent", absent, "no record stands there any more")
        add("gone", gone, "deleted by retention")
        return lines
    }

    private var places: String {
        let shown = notMatching.prefix(5).map { "\($0.place.partition):\($0.place.offset)" }.joined(separator: " ")
        return changed > 5 ? "\(shown) and more" : shown
    }

    var json: JSONValue {
        .object([
            .init("file", .string(path)), .init("sha256", .string(digest)), .init("entries", .integer(entries)),
            .init("already_done", .integer(alreadyDone)), .init("changed", .integer(changed)),
            .init("absent", .integer(absent)), .init("gone", .integer(gone)), .init("left", .integer(left)),
            .init(
                "not_sent",
                .array(
                    notMatching.map {
                        .object([
                            .init("partition", .integer(Int64($0.place.partition))),
                            .init("offset", .integer($0.place.offset)), .init("why", .string($0.reason.rawValue)),
                        ])
                    })),
        ])
    }
}
