import CommandLine

/// One end of a partition's range, as the flags name it; Kafka's own type has the same name.
typealias RangePlace = PartitionOffset

/// Which part of the source a run reads, as the flags say it.
struct SourceRange: Sendable, Equatable {
    /// By partition, with one topic: where to begin and where to end; nil is the log start, and the end at the start.
    var partitions: [Int32: (from: Int64?, to: Int64?)] = [:]

    static func == (left: Self, right: Self) -> Bool {
        left.partitions.keys == right.partitions.keys
            && left.partitions.allSatisfy { key, value in right.partitions[key].map { $0 == value } ?? false }
    }

    /// Reads `--from` and the places among the values of `--to`.
    static func read(_ reader: inout OptionReader, to ends: [PartitionOffset], topics: [String]) -> SourceRange {
        let starts = reader.list(Flags.from) { text throws(ValueError) in try PartitionOffset(text) }
        var range = SourceRange()
        for start in starts {
            if range.partitions[start.partition]?.from != nil {
                reader.report(Flags.from, "names partition \(start.partition) twice")
            }
            range.partitions[start.partition, default: (nil, nil)].from = start.offset
        }
        for end in ends {
            if range.partitions[end.partition]?.to != nil {
                reader.report(Flags.to, "names partition \(end.partition) twice")
            }
            range.partitions[end.partition, default: (nil, nil)].to = end.offset
        }
        for (partition, bounds) in range.partitions.sorted(by: { $0.key < $1.key }) {
            if let from = bounds.from, let to = bounds.to, from >= to {
                reader.report(
                    Flags.to,
                    "\(partition):\(to) ends before --from \(partition):\(from) begins; nothing could be selected")
            }
        }
        if !range.partitions.isEmpty, topics.count != 1 {
            reader.report(
                starts.isEmpty ? Flags.to : Flags.from, "PARTITION:OFFSET needs exactly one --topic that it is of")
        }
        return range
    }
}
