/// How long to wait before the next attempt at something that failed: doubling, bounded, and spread by chance, so that
/// many clients of a server that comes back do not all arrive at once. Pure; the caller has the clock.
package struct Backoff: Sendable {
    /// The first wait and the longest one, in nanoseconds.
    private let first: Int64
    private let longest: Int64
    /// Failures in a row.
    package private(set) var failures = 0

    /// Waits from `first` to `longest` milliseconds; both are at least 1.
    package init(firstMilliseconds first: Int64 = 100, longestMilliseconds longest: Int64 = 10_000) {
        self.first = max(1, first) * 1_000_000
        self.longest = max(max(1, first), longest) * 1_000_000
    }

    /// Notes a failure. Returns the nanoseconds to wait: between half and all of the present step, by `chance`, which
    /// is 0 to 1.
    package mutating func failed(chance: Double = .random(in: 0...1)) -> Int64 {
        let step = first > longest >> Int64(failures) ? longest : first << Int64(failures)
        failures = min(failures + 1, 62)
        return step / 2 + Int64(Double(step / 2) * min(1, max(0, chance)))
    }

    /// Notes a success: the next failure waits the shortest time again.
    package mutating func succeeded() { failures = 0 }
}
