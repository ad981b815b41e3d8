/// One record's place in a topic, as `show PARTITION:OFFSET` takes it.
package struct PartitionOffset: Sendable, Hashable, CustomStringConvertible {
    /// 0 or more.
    package let partition: Int32
    /// 0 or more.
    package let offset: Int64

    /// Reads `PARTITION:OFFSET`.
    /// - Throws: `ValueError` if it is anything else.
    package init(_ text: String) throws(ValueError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.allSatisfy({ (0x30...0x3A).contains($0) }), let partition = Int32(parts[0]),
            let offset = Int64(parts[1])
        else { throw ValueError(text, isNot: "a record's place", give: "PARTITION:OFFSET, for example 3:1024") }
        self.partition = partition
        self.offset = offset
    }

    /// `PARTITION:OFFSET`, as it is read.
    package var description: String { "\(partition):\(offset)" }
}
