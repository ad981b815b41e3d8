package import Redrive

/// One run as `gamification.redrive.runs` keeps it: what it was told, who worked on it, what it came to.
///
/// Bounded: `RunCodec` refuses a record beyond `RunCodec.maximumBytes`, and copies beyond `maximumCopies` are summed up.
package struct RunRecord: Sendable, Equatable {
    /// One thing that defines the run, as the user gave it: `--merchant` with its values.
    package struct Setting: Sendable, Equatable {
        /// What is set, in a word: `source`, `selection`.
        package let name: String
        /// Its values, as the user gave them.
        package let values: [String]

        /// A setting of these parts.
        package init(_ name: String, _ values: [String]) {
            self.name = name
            self.values = values
        }
    }

    /// The pinned range of one topic: by partition from 0, the first offset and the one after the last.
    package struct TopicRange: Sendable, Equatable {
        /// The topic's name.
        package let topic: String
        /// By partition, from 0.
        package var bounds: [Range<Int64>]

        /// A range of these parts.
        package init(topic: String, bounds: [Range<Int64>]) {
            self.topic = topic
            self.bounds = bounds
        }
    }

    /// How far an archive has been published: all of it before this place.
    package struct ArchivePlace: Sendable, Equatable {
        /// The file's SHA-256, hexadecimal.
        package var digest: String
        /// Where the block begins in the file, bytes.
        package var block: Int64
        /// Records of that block that are published.
        package var record: Int64

        /// A place of these parts.
        package init(digest: String, block: Int64, record: Int64) {
            self.digest = digest
            self.block = block
            self.record = record
        }

        /// The farther of two places of one file; where they are of different files, the second.
        static func farther(_ known: ArchivePlace?, _ new: ArchivePlace?) -> ArchivePlace? {
            guard let known else { return new }
            guard let new else { return known }
            return known.digest == new.digest && (known.block, known.record) > (new.block, new.record) ? known : new
        }
    }

    /// Copies that have a line of their own.
    package static let maximumCopies = 32

    /// The run's name, which is the record's key.
    package let name: String
    /// The program, `reprocess-dlq` or `replay`.
    package let program: String
    /// Its command, `drain` or `replay`.
    package let command: String
    /// The consumer group that keeps the progress; empty where an archive's own progress does.
    package let group: String
    /// What must be the same whenever the run goes on: sources, destination, filters.
    package let definition: [Setting]
    /// What it works on, pinned when it began.
    package var range: [TopicRange]
    /// The rate that it was started with, `N` or `max`.
    package var rate: String
    /// When the first copy started, milliseconds since 1970.
    package let startedAt: Int64
    /// Those that worked on it last, in the order in which they started.
    package var copies: [RunCopy] = []
    /// How many copies before them, and what those came to.
    package var earlierCopies: Int64 = 0
    /// What the copies before those in `copies` came to.
    package var earlierTally = RunTally()
    /// How far the archive is published, for a run that publishes one.
    package var archive: ArchivePlace?
    /// When all of a replay's range was done, milliseconds since 1970: its progress is gone, and it must not begin again.
    package var finishedAt: Int64?

    /// A run that no copy works on yet.
    package init(
        name: String, program: String, command: String, group: String, definition: [Setting], range: [TopicRange],
        rate: String, startedAt: Int64
    ) {
        self.name = name
        self.program = program
        self.command = command
        self.group = group
        self.definition = definition
        self.range = range
        self.rate = rate
        self.startedAt = startedAt
    }

    /// What all copies together have committed, as far as they have said so.
    package var tally: RunTally { copies.reduce(into: earlierTally) { $0 += $1.tally } }

    /// Offsets in the range.
    package var offsets: Int64 {
        range.reduce(0) { $0 + $1.bounds.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) } }
    }

    /// Where the run stands at `now` (milliseconds since 1970).
    package func state(at now: Int64) -> RunCopy.State {
        if finishedAt != nil { return .finished }
        let states = copies.map { $0.state(at: now) }
        if states.contains(.running) { return .running }
        if states.contains(.finished) { return .finished }
        return copies.max { $0.updatedAt < $1.updatedAt }?.state(at: now) ?? .stopped
    }

    /// The same as part of the run that `first` began. What defines a replay, and the range that it has pinned, are those of
    /// the first record of its name: of copies that begin a run at the same moment, each with an end of its own, all go by
    /// what was written first. A drain is what its last start says. What is published of an archive stays published: a copy
    /// that has not heard of the last transaction repeats an earlier place.
    package func begun(by first: RunRecord?) -> RunRecord {
        guard let first, program == "replay", first.program == program else { return self }
        var record = RunRecord(
            name: name, program: program, command: command, group: first.group, definition: first.definition,
            range: first.range, rate: rate, startedAt: first.startedAt)
        record.copies = copies
        record.earlierCopies = earlierCopies
        record.earlierTally = earlierTally
        record.archive = ArchivePlace.farther(first.archive, archive)
        record.finishedAt = finishedAt ?? first.finishedAt
        return record
    }

    /// Takes in what a copy says of itself; one that said something newer is kept.
    package mutating func take(_ copy: RunCopy) {
        if let index = copies.firstIndex(where: { $0.id == copy.id }) {
            if copies[index].sequence < copy.sequence { copies[index] = copy }
            return
        }
        copies.append(copy)
        while copies.count > Self.maximumCopies {
            let oldest = copies.firstIndex { $0.id != copy.id && $0.state(at: copy.updatedAt) != .running } ?? 0
            earlierCopies += 1
            earlierTally += copies.remove(at: oldest).tally
        }
    }
}
