/// The partition that Java clients, and producers with `partitioner=murmur2`, choose for a key.
package enum KeyPartitioner {
    /// - Parameter count: how many partitions the topic has, at least 1.
    package static func partition(of key: String, count: Int32) -> Int32 {
        Int32(murmur2(Array(key.utf8)) & 0x7FFF_FFFF) % count
    }

    /// MurmurHash2, 32 bits, with the seed that Kafka uses.
    static func murmur2(_ bytes: [UInt8]) -> UInt32 {
        let multiplier: UInt32 = 0x5BD1_E995
        var hash: UInt32 = 0x9747_B28C ^ UInt32(truncatingIfNeeded: bytes.count)
        var index = 0
        while index + 4 <= bytes.count {
            var word = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[index + $1]) << UInt32($1 * 8) }
            word = word &* multiplier
            word ^= word >> 24
            hash = (hash &* multiplier) ^ (word &* multiplier)
            index += 4
        }
        let rest = bytes.count - index
        if rest > 0 {
            for position in (0..<rest).reversed() { hash ^= UInt32(bytes[index + position]) << UInt32(position * 8) }
            hash = hash &* multiplier
        }
        hash ^= hash >> 13
        hash = hash &* multiplier
        return hash ^ (hash >> 15)
    }
}
