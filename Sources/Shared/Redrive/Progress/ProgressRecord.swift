/// Who wrote a progress record, and which of the owner's records it is.
package struct ProgressStamp: Hashable, Sendable {
    /// The run's name, at most 255 bytes.
    package var run: String
    /// The copy's random id, at most 255 bytes.
    package var copy: String
    /// Counts the commits of one owner, across runs and copies; the highest wins.
    package var sequence: UInt64

    /// - Parameters:
    ///   - run, copy: at most 255 bytes each.
    ///   - sequence: of this commit.
    package init(run: String, copy: String, sequence: UInt64) {
        self.run = run
        self.copy = copy
        self.sequence = sequence
    }
}

/// A done record, by which a topic that was deleted and made anew is told from the one that was drained.
package struct Witness: Hashable, Sendable {
    /// Of the source topic.
    package let offset: Int64
    /// Milliseconds since 1970.
    package let timestamp: Int64
    /// SHA-256 of the record's key and value, as `Witness.digest` makes it; 32 bytes.
    package let digest: [UInt8]

    /// - Parameters:
    ///   - timestamp: milliseconds since 1970.
    ///   - digest: 32 bytes.
    package init(offset: Int64, timestamp: Int64, digest: [UInt8]) {
        self.offset = offset
        self.timestamp = timestamp
        self.digest = digest
    }
}

/// The value of a record of the progress topic; `docs/progress-format.md` defines its bytes.
package enum ProgressValue: Equatable, Sendable {
    /// For `GROUP/TOPIC/PARTITION`: the committed offset, the log start seen, a witness where a record was seen.
    case partition(committed: Int64, logStart: Int64, witness: Witness?)
    /// For `GROUP/TOPIC/PARTITION/CHUNK`: what is done in that chunk.
    case chunk(DoneChunk)
}

/// A record of the progress topic; a nil value is a tombstone.
package struct ProgressRecord: Equatable, Sendable {
    /// Of the record; its owner chooses the partition.
    package let key: ProgressKey
    /// Who writes it; of tombstones it is not kept.
    package let stamp: ProgressStamp
    /// Nil is a tombstone.
    package let value: ProgressValue?

    /// - Parameter value: nil for a tombstone.
    package init(key: ProgressKey, stamp: ProgressStamp, value: ProgressValue?) {
        self.key = key
        self.stamp = stamp
        self.value = value
    }
}
