package import Kafka
import RedriveSimulation

/// The dead letter that stands at place `index` (from 0) of what was seeded into source partition `partition`: all of it
/// follows from these two numbers, so whoever reads it back can tell whether anything was changed.
package struct ProofRecord: Hashable, Sendable {
    package let partition: Int32
    package let index: Int32
    /// One of `keysPerPartition`, or nil for a record without a key.
    package let keyNumber: Int?
    /// One of `merchants`.
    package let merchant: Int

    /// Keys of a source partition; a record in `keysPerPartition + 1` has none.
    package static let keysPerPartition = 12
    /// Three merchants share the records at random.
    package static let merchants = [
        "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222",
        "33333333-3333-4333-8333-333333333333",
    ]
    /// Bytes of every value.
    package static let valueLength = 80
    /// The time of record 0, milliseconds since 1970; each next one is a millisecond later.
    package static let firstTimestamp: Int64 = 1_790_000_000_000

    package init(partition: Int32, index: Int32) {
        self.partition = partition
        self.index = index
        var random = SplitMix64(seed: UInt64(partition) << 32 | UInt64(index))
        let key = Int(random.next() % UInt64(Self.keysPerPartition + 1))
        keyNumber = key < Self.keysPerPartition ? key : nil
        merchant = Int(random.next() % UInt64(Self.merchants.count))
    }

    package var key: [UInt8]? { keyNumber.map { Array("customer-\(partition)-\($0)".utf8) } }

    package var value: [UInt8] {
        var bytes = Array("\(partition)/\(index)/".utf8)
        let filler = UInt8(ascii: "a") + UInt8(truncatingIfNeeded: index % 26)
        bytes += [UInt8](repeating: filler, count: Self.valueLength - bytes.count)
        return bytes
    }

    package var timestamp: Int64 { Self.firstTimestamp + Int64(index) }

    /// Reads a value back; nil for one that this type does not make.
    package init?(value: UnsafeRawBufferPointer) {
        let parts = value.split(separator: UInt8(ascii: "/"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let partition = Int32(String(decoding: parts[0], as: UTF8.self)),
            let index = Int32(String(decoding: parts[1], as: UTF8.self)), partition >= 0, index >= 0
        else { return nil }
        self.init(partition: partition, index: index)
    }

    /// As the service dead-letters a record.
    package func outgoing() -> OutgoingRecord {
        let origin = Array("points.earned".utf8)
        let offset = Array("\(index)".utf8)
        return OutgoingRecord(
            partition: partition, key: key, value: value,
            headers: [
                (HeaderNames.topic, origin), (HeaderNames.partition, Array("\(partition)".utf8)),
                (HeaderNames.offset, offset), (HeaderNames.errorCode, Array("dependency.unavailable".utf8)),
                (HeaderNames.merchant, Array(Self.merchants[merchant].utf8)),
                (HeaderNames.firstFailed, Array("2026-09-21T13:46:40Z".utf8)),
            ], timestamp: timestamp)
    }
}

enum HeaderNames {
    static let topic = HeaderName("__dlq.errors.topic")
    static let partition = HeaderName("__dlq.errors.partition")
    static let offset = HeaderName("__dlq.errors.offset")
    static let errorCode = HeaderName("gamification.error.code")
    static let merchant = HeaderName("gamification.merchant.id")
    static let firstFailed = HeaderName("gamification.first.failed.at")
}
