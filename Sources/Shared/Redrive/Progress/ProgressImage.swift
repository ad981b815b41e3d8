/// What the progress topic says of one partition: the newest record of each key, folded in log order.
package struct ProgressImage: Sendable {
    /// The partition's own record.
    package struct Partition: Sendable {
        /// The lowest offset that is not done.
        package let committed: Int64
        /// Where the log began when this was written.
        package let logStart: Int64
        /// A done record, if one was known.
        package let witness: Witness?
        /// Who wrote it, and its sequence.
        package let stamp: ProgressStamp
        /// When it was written, milliseconds since 1970.
        package let writtenAt: Int64
    }

    /// Nil where there is no such record, or a tombstone.
    package private(set) var partition: Partition?
    /// What is done, by chunk number.
    package private(set) var chunks: [Int64: DoneChunk] = [:]
    private var chunkSequences: [Int64: UInt64] = [:]

    /// An owner of whom the topic says nothing.
    package init() {}

    /// Takes in one record; of one key the highest sequence wins, a tombstone (nil value) forgets it.
    ///
    /// - Throws: `ProgressDamage` for a value that cannot be trusted.
    package mutating func apply(
        _ key: ProgressKey, value: UnsafeRawBufferPointer?, timestamp: Int64
    ) throws(ProgressDamage) {
        guard let value else {
            switch key {
            case .partition: partition = nil
            case .chunk(_, let index):
                chunks[index] = nil
                chunkSequences[index] = nil
            }
            return
        }
        let (decoded, stamp) = try ProgressCodec.decode(value)
        switch (key, decoded) {
        case (.partition, .partition(let committed, let logStart, let witness)):
            if let partition, partition.stamp.sequence > stamp.sequence { return }
            partition = Partition(
                committed: committed, logStart: logStart, witness: witness, stamp: stamp, writtenAt: timestamp)
        case (.chunk(_, let index), .chunk(let chunk)):
            if let known = chunkSequences[index], known > stamp.sequence { return }
            chunks[index] = chunk
            chunkSequences[index] = stamp.sequence
        default:
            throw .malformed
        }
    }
}
