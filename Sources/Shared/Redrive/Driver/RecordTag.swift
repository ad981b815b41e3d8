/// What a failed delivery is recognised by: partition, offset, and whether it went to the parked topic, in 64 bits.
enum RecordTag {
    private static let offsetBits: UInt64 = 42
    private static let present: UInt64 = 1 << 63

    /// A failure of a record without a tag (0) aborts without saying whose it was; only offsets of 2^42 and more, and
    /// partitions of 2^20 and more, have none.
    static func make(partition: Int32, offset: Int64, parked: Bool) -> UInt64 {
        guard offset < 1 << offsetBits, partition < 1 << 20 else { return 0 }
        return present | UInt64(partition) << (offsetBits + 1) | UInt64(offset) << 1 | (parked ? 1 : 0)
    }

    static func record(of tag: UInt64) -> PublishAttempt? {
        guard tag & present != 0 else { return nil }
        return PublishAttempt(
            partition: Int32((tag & ~present) >> (offsetBits + 1)), offset: Int64((tag >> 1) & ((1 << offsetBits) - 1)),
            byParking: tag & 1 == 1)
    }
}
