import Lifecycle

/// SplitMix64: the same schedule for the same seed, on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func pick(_ values: [Double]) -> Double { values[Int.random(in: 0..<values.count, using: &self)] }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// The instant `seconds` after the zero of the tests' clock.
func at(_ seconds: Double) -> MonotonicInstant { MonotonicInstant(nanoseconds: 0).advanced(bySeconds: seconds) }

/// What was granted when, and whether any window saw more than it may.
struct GrantLog {
    private(set) var entries: [(time: MonotonicInstant, count: Int)] = []
    var total: Int { entries.reduce(0) { $0 + $1.count } }

    mutating func add(_ count: Int, at time: MonotonicInstant) {
        if count > 0 { entries.append((time, count)) }
    }

    /// The largest excess of any window's grants over `rate` × its length.
    func worstBurst(rate: Double) -> Double {
        var worst = 0.0
        for (index, first) in entries.enumerated() {
            var count = 0
            for entry in entries[index...] {
                count += entry.count
                worst = max(worst, Double(count) - rate * entry.time.seconds(since: first.time))
            }
        }
        return worst
    }
}
