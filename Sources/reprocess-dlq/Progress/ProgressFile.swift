import CommandLine
import Crypto
import JSON
import Redrive
import ToolKit

/// A group's progress in a file: a line that says whose it is, a line for each partition, lines for what is done above
/// the committed offset, a seal. `docs/progress-format.md` describes it.
struct ProgressFile {
    static let format = "gamification.progress/1"
    /// Ranges in a line.
    private static let rangesInLine = 1_000

    let clusterID: String
    let group: String
    let topic: String

    /// What a file says.
    struct Content {
        /// Nothing is made of the ranges before the topic's end is known: a file may name any number.
        struct Partition {
            let logStart: Int64
            let committed: Int64
            var ranges: [Range<Int64>] = []
            let witness: Witness?

            /// The offset after the last one that is done.
            var end: Int64 { ranges.reduce(committed) { max($0, $1.upperBound) } }

            /// To be asked where `end` is not beyond the topic's.
            var done: DoneSet {
                var done = DoneSet(committed: committed)
                for range in ranges { done.insert(range) }
                return done
            }
        }

        let place: ProgressFile
        var partitions: [Int32: Partition] = [:]
    }

    // MARK: - Writing

    func write(_ starts: [PartitionStart], to path: String) throws {
        let file = try SealedWriter(path: path)
        try file.append(
            JSONValue.object([
                .init("format", .string(Self.format)), .init("cluster_id", .string(clusterID)),
                .init("topic", .string(topic)), .init("group", .string(group)),
                .init("written_at", .string(TimePoint.now().description)), .init("by", .string(RunName.who())),
            ]).line)
        for start in starts {
            try file.append(
                JSONValue.object([
                    .init("partition", .integer(Int64(start.partition))),
                    .init("committed", .integer(start.done.committed)), .init("log_start", .integer(start.logStart)),
                    .init("witness", Self.json(start.witness)),
                ]).line)
            let ranges = start.done.ranges(from: start.done.committed)
            for first in stride(from: 0, to: ranges.count, by: Self.rangesInLine) {
                try file.append(
                    JSONValue.object([
                        .init("partition", .integer(Int64(start.partition))),
                        .init(
                            "done",
                            .array(
                                ranges[first..<min(first + Self.rangesInLine, ranges.count)].map {
                                    .array([.integer($0.lowerBound), .integer($0.upperBound)])
                                })),
                    ]).line)
            }
        }
        try file.finish()
    }

    private static func json(_ witness: Witness?) -> JSONValue {
        guard let witness else { return .null }
        return .object([
            .init("offset", .integer(witness.offset)), .init("timestamp", .integer(witness.timestamp)),
            .init("sha256", .string(witness.digest.withUnsafeBytes { Hexadecimal.encode($0) })),
        ])
    }

    // MARK: - Reading

    static func read(_ path: String) throws -> Content {
        var content: Content?
        try SealedReader(path: path).check { line, number, _ in
            func malformed(_ reason: String) -> SealedFileError { .malformed(path: path, line: number, reason) }
            guard let json = try? JSONReader.read(String(decoding: line, as: UTF8.self), maximumDepth: 4) else {
                throw malformed("is no JSON")
            }
            guard content != nil else {
                guard json["format"]?.text == format, let cluster = json["cluster_id"]?.text,
                    let group = json["group"]?.text, let topic = json["topic"]?.text
                else { throw malformed("this is no file that progress export wrote") }
                content = Content(place: ProgressFile(clusterID: cluster, group: group, topic: topic))
                return
            }
            guard let partition = json["partition"]?.integer.flatMap({ Int32(exactly: $0) }), partition >= 0 else {
                throw malformed("names no partition")
            }
            if case .array(let ranges) = json["done"] {
                for range in ranges {
                    guard case .array(let ends) = range, ends.count == 2, let lower = ends[0].integer,
                        let upper = ends[1].integer, lower >= 0, lower < upper, upper < 1 << 62,
                        content?.partitions[partition]?.ranges.append(lower..<upper) != nil
                    else { throw malformed("holds a range that is none") }
                }
            } else {
                guard let committed = json["committed"]?.integer, let logStart = json["log_start"]?.integer,
                    committed >= 0, committed < 1 << 62, logStart >= 0
                else { throw malformed("does not say what is done") }
                content?.partitions[partition] = Content.Partition(
                    logStart: logStart, committed: committed, witness: witness(json["witness"]))
            }
        }
        guard let content else { throw Refusal(.refused, "\(path) is no file that progress export wrote") }
        return content
    }

    private static func witness(_ json: JSONTree?) -> Witness? {
        guard let json, let offset = json["offset"]?.integer, let timestamp = json["timestamp"]?.integer,
            let digest = json["sha256"]?.text.flatMap({ Hexadecimal.decode($0) })
        else { return nil }
        return Witness(offset: offset, timestamp: timestamp, digest: digest)
    }

    /// - Throws: `Refusal` where the file is of another cluster or topic.
    func check(clusterID: String, topic: String) throws(Refusal) {
        guard clusterID == self.clusterID else {
            throw Refusal(
                .refused, "the file is of cluster \(self.clusterID), and this is \(clusterID); nothing was changed")
        }
        guard topic == self.topic else {
            throw Refusal(.refused, "the file is of topic \(self.topic), not \(topic); nothing was changed")
        }
    }
}
