/// Tells single failures, which go to the dead-letter topic, from a flood of them, which must not.
///
/// It counts records that are finally given up, in their order. Pure.
struct FloodGuard: Sendable {
    /// When a flood is a flood.
    struct Limits: Sendable, Equatable {
        /// The share of failures in the window, 0 to 1, beyond which it is one; 1 never is.
        var ratio: Double
        /// Failures in a row that are one; 0 never is.
        var run: Int
        /// Records that the share is taken of: the last ones.
        var window: Int
        /// Records that must be in the window before a share means anything.
        var least: Int

        init(ratio: Double = 0.5, run: Int = 50, window: Int = 1_000, least: Int = 100) {
            self.ratio = ratio
            self.run = run
            self.window = max(1, window)
            self.least = max(1, least)
        }
    }

    let limits: Limits
    /// A ring of outcomes; true is a failure.
    private var ring: [Bool] = []
    private var next = 0
    private var failures = 0
    /// Failures since the last success.
    private(set) var run = 0

    init(_ limits: Limits) { self.limits = limits }

    /// The share of failures among the last records.
    var share: Double { ring.isEmpty ? 0 : Double(failures) / Double(ring.count) }

    /// Counts these outcomes (true: given up), unless one of them makes a flood.
    /// - Returns: false for a flood; then none of them is counted.
    mutating func admit(_ outcomes: some Sequence<Bool>) -> Bool {
        var copy = self
        for hasFailed in outcomes where !copy.count(hasFailed) { return false }
        self = copy
        return true
    }

    /// Forgets everything.
    mutating func reset() { self = FloodGuard(limits) }

    private mutating func count(_ hasFailed: Bool) -> Bool {
        if ring.count < limits.window {
            ring.append(hasFailed)
        } else {
            if ring[next] { failures -= 1 }
            ring[next] = hasFailed
            next = (next + 1) % limits.window
        }
        run = hasFailed ? run + 1 : 0
        guard hasFailed else { return true }
        failures += 1
        let isRun = limits.run > 0 && run >= limits.run
        let isShare = ring.count >= limits.least && share > limits.ratio
        return !isRun && !isShare
    }
}
