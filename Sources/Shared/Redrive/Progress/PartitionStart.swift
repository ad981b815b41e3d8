/// Where work on a partition begins: what is done there, as the broker told it.
package struct PartitionStart: Sendable {
    /// A slot of the sources.
    package private(set) var partition: Int32
    /// What is done, everything below the log start included.
    package var done: DoneSet
    /// Chunks that have a record in the progress topic.
    package var storedChunks: Set<Int64>
    /// Chunks whose record must be written or removed with the next commit, whatever happens until then.
    package var touchedChunks: Set<Int64> = []
    /// The sequence of the last commit, 0 where there was none.
    package var sequence: UInt64
    /// Where the log began when it was asked.
    package var logStart: Int64
    /// A done record, if one is known.
    package var witness: Witness?
    /// Offsets that were not done when retention overtook them.
    package var gone: Int64 = 0
    /// What the operator should be told.
    package var notices: [ProgressNotice] = []

    /// A start of which nothing but this is known.
    package init(
        partition: Int32, done: DoneSet, storedChunks: Set<Int64> = [], sequence: UInt64 = 0, logStart: Int64,
        witness: Witness? = nil
    ) {
        self.partition = partition
        self.done = done
        self.storedChunks = storedChunks
        self.sequence = sequence
        self.logStart = logStart
        self.witness = witness
    }

    /// The same under another number: the slot by which a run of several topics knows the partition, or back.
    package func numbered(_ slot: Int32) -> PartitionStart {
        var start = self
        start.partition = slot
        return start
    }
}

/// Something about the progress that the operator should know, and that stops nothing.
package enum ProgressNotice: Equatable, Sendable {
    /// The broker has forgotten the group's offset; the progress written at the given time (ms) stands in for it.
    case committedOffsetMissing(partition: Int32, writtenAt: Int64)
    /// A kill between progress and offset in at-least-once mode; the progress is further and is followed.
    case offsetBehindProgress(partition: Int32)
    /// Another program's offset is followed, as `--accept-reset` asked.
    case resetAccepted(partition: Int32, offset: Int64)
}

/// Why a partition's progress cannot be followed; the run is refused (exit 6).
package enum ProgressRefusal: Error, Equatable, Sendable {
    /// A record of the progress topic cannot be read.
    case damaged(key: String, offset: Int64, ProgressDamage)
    /// The committed offset was set by another program.
    case foreignOffset(partition: Int32, offset: Int64)
    /// A commit of ours says that progress was written, and it is not there, or older.
    case progressMissing(partition: Int32, sequence: UInt64)
    /// The progress topic holds progress in a partition where its key does not belong: partitions were added to it.
    case misplaced(partition: Int32, found: Int32, expected: Int32)
    /// Offset and progress carry the same sequence and disagree.
    case contradiction(partition: Int32, committed: Int64, progress: Int64)
    /// The topic was deleted and made anew.
    case recreated(partition: Int32, Evidence)

    /// By what a topic that was made anew is known.
    package enum Evidence: Equatable, Sendable {
        case logStartWentBack(from: Int64, to: Int64)
        case endBelowDone(done: Int64, end: Int64)
        case witnessDiffers(offset: Int64)
    }
}
