import CRdKafka

/// A consumer's membership in its group at one moment: what fences a transaction's offsets.
///
/// Capture it when partitions are assigned and use it for every batch of that assignment; one fetched at commit time
/// lets a member that has lost its partitions commit over the new owner (KIP-447).
package final class GroupMetadata: Sendable, CustomStringConvertible {
    // Immutable after creation, independent of the client, only read by librdkafka.
    nonisolated(unsafe) let raw: OpaquePointer
    /// The group's name.
    package let groupID: String
    /// The group's generation; -1 where the consumer is not a member (fences nothing).
    package let generation: Int32
    /// The coordinator's name for this member, empty where there is none.
    package let memberID: String

    /// Whether a commit with it is fenced at all.
    package var isMember: Bool { generation >= 0 && !memberID.isEmpty }

    /// Group and generation, for messages.
    package var description: String { "group \(groupID) generation \(generation)" }

    /// Takes over an `rd_kafka_consumer_group_metadata_t`.
    init?(owning raw: OpaquePointer?, groupID: String) {
        guard let raw else { return nil }
        self.raw = raw
        self.groupID = groupID
        (generation, memberID) = Self.membership(in: raw)
    }

    deinit {
        rd_kafka_consumer_group_metadata_destroy(raw)
    }

    private static let serialisationMagic = "CGMDv2:"

    /// librdkafka 2.0 has no accessors, only the serialised form: the magic text, the generation (native order), the
    /// group id and the member id with their NULs.
    private static func membership(in raw: OpaquePointer) -> (Int32, String) {
        var buffer: UnsafeMutableRawPointer?
        var size = 0
        if let error = rd_kafka_consumer_group_metadata_write(raw, &buffer, &size) {
            rd_kafka_error_destroy(error)
            return (-1, "")
        }
        guard let buffer else { return (-1, "") }
        defer { rd_kafka_mem_free(nil, buffer) }
        let bytes = UnsafeRawBufferPointer(start: buffer, count: size)
        let start = serialisationMagic.utf8.count
        guard bytes.starts(with: serialisationMagic.utf8), size >= start + 4 else { return (-1, "") }
        let generation = bytes.loadUnaligned(fromByteOffset: start, as: Int32.self)
        let names = bytes[(start + 4)...].split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
        guard names.count >= 2 else { return (-1, "") }
        return (generation, String(decoding: names[1], as: UTF8.self))
    }
}
