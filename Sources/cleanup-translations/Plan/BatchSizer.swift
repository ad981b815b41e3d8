/// How many rows the next batch deletes: as many as would have gone in the time that a batch should take. Pure.
///
/// It shrinks at once, to a quarter at most, and grows by a quarter at most: whoever waits for a row waits for the whole
/// batch, so on a server that has become slow the next batch must be short, and a lucky one says little.
struct BatchSizer: Sendable {
    static let smallest = 50
    static let largest = 20_000

    /// Nanoseconds that a batch should take.
    private let target: Int64
    /// Rows for the next batch.
    private(set) var size: Int

    init(targetNanoseconds: Int64, start: Int = 500) {
        target = max(1_000_000, targetNanoseconds)
        size = min(Self.largest, max(Self.smallest, start))
    }

    /// A batch of `rows` took so long. Batches that were cut short by the work's end say little and change nothing.
    mutating func note(rows: Int, nanoseconds: Int64) {
        guard rows * 2 >= size else { return }
        let fitting = Double(rows) * Double(target) / Double(max(1, nanoseconds))
        let bounded = min(Double(size) * 1.25, max(Double(size) / 4, fitting))
        size = min(Self.largest, max(Self.smallest, Int(bounded)))
    }

    /// A batch ran into a time-out.
    mutating func timedOut() { size = max(Self.smallest, size / 2) }
}
