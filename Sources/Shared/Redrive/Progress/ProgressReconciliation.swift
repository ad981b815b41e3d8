/// What the broker said of one partition, in the order that the contract demands: the committed offset first, then
/// the progress, then the watermarks.
package struct PartitionFacts: Sendable {
    /// Whose progress it is.
    package let owner: ProgressOwner
    /// The group's committed offset with its metadata; nil where the broker has none.
    package var committed: (offset: Int64, metadata: String?)?
    /// What the progress topic says.
    package var image: ProgressImage
    /// The first offset that is still there.
    package var logStart: Int64
    /// The end of the log, open transactions included.
    package var highWatermark: Int64
    /// Whether the record at the witness' offset is the one that was seen; nil where it is no longer there.
    package var witnessMatches: Bool?
    /// Where the log began when this run first saw it; nil where it sees it now for the first time.
    package var firstLogStart: Int64?

    /// The facts in the order in which they were asked.
    package init(
        owner: ProgressOwner, committed: (offset: Int64, metadata: String?)?, image: ProgressImage, logStart: Int64,
        highWatermark: Int64, witnessMatches: Bool? = nil, firstLogStart: Int64? = nil
    ) {
        self.owner = owner
        self.committed = committed
        self.image = image
        self.logStart = logStart
        self.highWatermark = highWatermark
        self.witnessMatches = witnessMatches
        self.firstLogStart = firstLogStart
    }

    /// Whether there should be progress, or could be, that was not found where it belongs.
    var mayHaveMoved: Bool {
        guard image.partition == nil, highWatermark > 0 else { return false }
        guard let committed else { return true }
        return CommitMetadata(committed.metadata)?.hasProgress ?? false
    }

    /// Decides where to begin.
    ///
    /// - Parameters:
    ///   - acceptReset: follow an offset that another program set: all below it is done, all from it on not.
    ///   - range: the run's, for one that has pinned it: all below counts as done, and what retention takes of it is missed.
    /// - Throws: `ProgressRefusal` where following could lose records or publish them twice.
    package func reconcile(acceptReset: Bool, range: Range<Int64>? = nil) throws(ProgressRefusal) -> PartitionStart {
        var start = try initialStart(acceptReset: acceptReset)
        try checkSameTopic(start)
        // Without progress, what was gone before the run saw the topic was never its own.
        let isNew = committed == nil && image.partition == nil && range == nil
        if isNew, let firstLogStart {
            // A log that begins earlier than it did is another topic's: nothing of it is done.
            start.done.insert(start.done.committed..<max(min(firstLogStart, logStart), start.done.committed))
        }
        if let range { start.done.insert(start.done.committed..<max(range.lowerBound, start.done.committed)) }
        if start.done.committed < logStart {
            if !isNew || firstLogStart != nil {
                start.gone = start.done.remaining(below: min(logStart, range?.upperBound ?? logStart))
            }
            start.done.insert(start.done.committed..<logStart)
        }
        start.logStart = logStart
        return start
    }

    private func initialStart(acceptReset: Bool) throws(ProgressRefusal) -> PartitionStart {
        guard let committed else { return startFromProgress() }
        guard let ours = CommitMetadata(committed.metadata) else {
            guard acceptReset else {
                throw .foreignOffset(partition: owner.partition, offset: committed.offset)
            }
            return startFromReset(committed.offset)
        }
        guard let progress = image.partition else {
            if ours.hasProgress { throw .progressMissing(partition: owner.partition, sequence: ours.stamp.sequence) }
            return start(at: committed.offset, sequence: ours.stamp.sequence)
        }
        if ours.stamp.sequence > progress.stamp.sequence {
            if ours.hasProgress { throw .progressMissing(partition: owner.partition, sequence: ours.stamp.sequence) }
            return start(at: max(committed.offset, progress.committed), sequence: ours.stamp.sequence)
        }
        if ours.stamp.sequence == progress.stamp.sequence, committed.offset != progress.committed {
            throw .contradiction(
                partition: owner.partition, committed: committed.offset, progress: progress.committed)
        }
        var start = startFromProgress()
        start.notices = []
        if ours.stamp.sequence < progress.stamp.sequence {
            start.notices = [.offsetBehindProgress(partition: owner.partition)]
        }
        return start
    }

    private func startFromProgress() -> PartitionStart {
        guard let progress = image.partition else { return start(at: 0, sequence: 0) }
        var start = start(at: progress.committed, sequence: progress.stamp.sequence)
        start.notices = [.committedOffsetMissing(partition: owner.partition, writtenAt: progress.writtenAt)]
        return start
    }

    private func startFromReset(_ offset: Int64) -> PartitionStart {
        var start = PartitionStart(
            partition: owner.partition, done: DoneSet(committed: offset), storedChunks: Set(image.chunks.keys),
            sequence: image.partition?.stamp.sequence ?? 0, logStart: logStart)
        // What was done above the offset is done no longer: its records go with the first commit.
        start.touchedChunks = start.storedChunks
        start.notices = [.resetAccepted(partition: owner.partition, offset: offset)]
        return start
    }

    private func start(at offset: Int64, sequence: UInt64) -> PartitionStart {
        var done = DoneSet(committed: offset)
        for (index, chunk) in image.chunks { done.insert(chunk: chunk, at: index) }
        return PartitionStart(
            partition: owner.partition, done: done, storedChunks: Set(image.chunks.keys), sequence: sequence,
            logStart: logStart, witness: image.partition?.witness)
    }

    private func checkSameTopic(_ start: PartitionStart) throws(ProgressRefusal) {
        if let seen = image.partition?.logStart, logStart < seen {
            throw .recreated(partition: owner.partition, .logStartWentBack(from: seen, to: logStart))
        }
        let doneEnd = start.done.highestDone.map { $0 + 1 } ?? 0
        if doneEnd > highWatermark {
            throw .recreated(partition: owner.partition, .endBelowDone(done: doneEnd, end: highWatermark))
        }
        if witnessMatches == false, let witness = image.partition?.witness {
            throw .recreated(partition: owner.partition, .witnessDiffers(offset: witness.offset))
        }
    }
}
