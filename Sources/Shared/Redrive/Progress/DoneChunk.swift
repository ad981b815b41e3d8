/// The done offsets among 65,536 consecutive ones: a bitmap, or nothing at all once every one of them is done.
///
/// A chunk costs at most 8 KiB, whatever pattern a filter left behind, so a partition's progress is bounded by
/// its size: 8 KiB for 65,536 offsets.
package struct DoneChunk: Equatable, Sendable {
    /// How many offsets one chunk spans.
    package static let span = 65_536
    private static let wordCount = span / 64

    /// Empty once `count` has reached `span`.
    private var words: [UInt64]
    /// How many of the chunk's offsets are done, 0 to `span`.
    package private(set) var count: Int
    /// One past the highest done offset, 0 where nothing is: no scan needs to go further.
    package private(set) var end: Int

    /// A chunk in which nothing is done.
    package init() {
        words = [UInt64](repeating: 0, count: Self.wordCount)
        count = 0
        end = 0
    }

    private init(allDone: Void) {
        words = []
        count = Self.span
        end = Self.span
    }

    /// A chunk in which every offset is done.
    package static var full: DoneChunk { DoneChunk(allDone: ()) }

    /// Whether every offset of the chunk is done.
    package var isFull: Bool { count == Self.span }

    /// Whether the offset at `index` (0 ..< `span`) is done.
    package func contains(_ index: Int) -> Bool {
        isFull || words[index >> 6] & (1 << UInt64(index & 63)) != 0
    }

    /// Marks `range` (within 0 ..< `span`) done; what was done already stays so.
    package mutating func insert(_ range: Range<Int>) {
        guard !isFull, !range.isEmpty else { return }
        var index = range.lowerBound
        while index < range.upperBound {
            let word = index >> 6
            let upper = min(range.upperBound, (word + 1) << 6)
            let mask = Self.mask(from: index & 63, count: upper - index)
            let added = mask & ~words[word]
            words[word] |= mask
            count += added.nonzeroBitCount
            index = upper
        }
        end = max(end, range.upperBound)
        if count == Self.span { words = [] }
    }

    /// Marks the offset at `index` (0 ..< `span`) not done.
    package mutating func remove(_ index: Int) {
        guard contains(index) else { return }
        if isFull { words = [UInt64](repeating: .max, count: Self.wordCount) }
        words[index >> 6] &= ~(1 << UInt64(index & 63))
        count -= 1
    }

    /// The first index at or after `start` that is not done, `span` if there is none.
    package func firstMissing(from start: Int) -> Int {
        if isFull { return Self.span }
        var index = start
        while index < end {
            let missing = ~words[index >> 6] >> UInt64(index & 63)
            if missing != 0 { return index + missing.trailingZeroBitCount }
            index = ((index >> 6) + 1) << 6
        }
        return index
    }

    /// The first index at or after `start` that is done, `span` if there is none.
    package func firstDone(from start: Int) -> Int {
        if isFull { return start }
        var index = start
        while index < end {
            let done = words[index >> 6] >> UInt64(index & 63)
            if done != 0 { return index + done.trailingZeroBitCount }
            index = ((index >> 6) + 1) << 6
        }
        return Self.span
    }

    /// How many of the offsets in `range` are done.
    package func count(in range: Range<Int>) -> Int {
        if isFull { return range.count }
        var total = 0
        var index = range.lowerBound
        let limit = min(range.upperBound, end)
        while index < limit {
            let upper = min(limit, ((index >> 6) + 1) << 6)
            total += (words[index >> 6] & Self.mask(from: index & 63, count: upper - index)).nonzeroBitCount
            index = upper
        }
        return total
    }

    /// The done offsets as maximal runs, ascending.
    package var runs: [Range<Int>] {
        var result: [Range<Int>] = []
        var index = firstDone(from: 0)
        while index < Self.span {
            let missing = firstMissing(from: index)
            result.append(index..<missing)
            index = missing < end ? firstDone(from: missing) : Self.span
        }
        return result
    }

    /// The bitmap as 8,192 bytes, least significant bit first.
    package var bitmapBytes: [UInt8] {
        if isFull { return [UInt8](repeating: 0xFF, count: Self.span / 8) }
        return words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64($0 * 8)) } }
    }

    private static func mask(from bit: Int, count: Int) -> UInt64 {
        (count == 64 ? UInt64.max : (1 << UInt64(count)) - 1) << UInt64(bit)
    }
}
