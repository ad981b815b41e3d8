/// What one datum may cost to decode. Dead letters are hostile by definition: a few bytes can claim 2⁶³ items.
package struct AvroLimits: Sendable {
    /// Nested records, arrays and maps.
    package var depth: Int
    /// Bytes in one string or byte sequence.
    package var length: Int
    /// Values that any datum may hold, whatever its size: null, empty records and fixed(0) take no bytes.
    package var baseItems: Int
    /// Values allowed for each byte of the input beyond those.
    package var itemsPerByte: Int

    /// Depth 128, length 64 MiB, 4,096 values and 4 more for each byte.
    package static let standard = AvroLimits(depth: 128, length: 64 << 20, baseItems: 4_096, itemsPerByte: 4)

    /// Limits other than the standard ones. Each must be positive; depth is at most 256, for which a thread with
    /// 2 MiB of stack is enough even in a debug build.
    package init(depth: Int, length: Int, baseItems: Int, itemsPerByte: Int) {
        self.depth = min(depth, 256)
        self.length = length
        self.baseItems = baseItems
        self.itemsPerByte = itemsPerByte
    }

    /// The values that a datum of this many bytes may hold.
    package func items(forBytes count: Int) -> Int {
        let (product, overflow) = count.multipliedReportingOverflow(by: itemsPerByte)
        let (sum, carry) = product.addingReportingOverflow(baseItems)
        return overflow || carry ? Int.max : sum
    }

    /// An upper bound of the memory that decoding this many bytes takes, in bytes: 160 for a value (its place in an
    /// array that may have doubled, an array's header, a union's box) and 3 for each byte of text.
    package func allocationBound(forBytes count: Int) -> Int {
        let (product, overflow) = items(forBytes: count).multipliedReportingOverflow(by: 160)
        let (sum, carry) = product.addingReportingOverflow(3 &* count)
        return overflow || carry ? Int.max : sum
    }
}
