import Lifecycle

@testable import SharedPacing

/// Copies of a run, a Redis that is away now and then for each of them, and a clock, all by chance from a seed.
struct PacingWorld {
    private struct Copy {
        var schedule: SharedSchedule
        let isBusy: Bool
        /// Until when Redis cannot be reached, and whether questions arrive nevertheless.
        var awayUntil = 0.0
        var arrives = false
        var idleUntil = 0.0
    }

    private var copies: [Copy]
    private var redis = ModelRedis()
    private var generator: Seeded
    private let rate: Double
    private let outages: Bool
    /// When each event went, in seconds.
    private(set) var grants: [Double] = []

    init(seed: UInt64, copies: Int, rate: Double, busy: [Bool]? = nil, outages: Bool = true) {
        generator = Seeded(state: seed &* 0x9E37_79B9_7F4A_7C15 &+ 1)
        self.rate = rate
        self.outages = outages
        self.copies = (0..<copies).map { index in
            Copy(
                schedule: SharedSchedule(rate: rate, owned: 1, of: copies, start: .init(nanoseconds: 0)),
                isBusy: busy?[index] ?? true)
        }
    }

    mutating func run(seconds: Double) {
        var time = 0.0
        while time < seconds {
            time += 0.005
            for index in copies.indices {
                if outages { disturb(index, time) }
                turn(index, time)
            }
        }
    }

    /// The first window in which more went than the rate allows; nil if none. The catch-up is allowed once by Redis and
    /// once by each copy on its own.
    var violation: String? {
        let allowance = rate * 0.25 * 2 + Double(2 * copies.count) + 2
        for width in [0.05, 0.5, 1.0, 5.0, 20.0] {
            var first = 0
            for (index, time) in grants.enumerated() {
                while grants[first] < time - width { first += 1 }
                let count = Double(index - first + 1)
                if count > rate * width + allowance { return "\(count) events within \(width) s before \(time)" }
            }
        }
        return nil
    }

    private mutating func disturb(_ index: Int, _ time: Double) {
        if Int.random(in: 0..<2_000, using: &generator) == 0 {
            copies[index].awayUntil = time + .random(in: 0.01...15, using: &generator)
            copies[index].arrives = .random(using: &generator)
        }
        if Int.random(in: 0..<2_000, using: &generator) == 0 {
            copies[index].idleUntil = time + .random(in: 0.1...8, using: &generator)
        }
    }

    private mutating func turn(_ index: Int, _ time: Double) {
        let now = MonotonicInstant(nanoseconds: Int64(time * 1e9))
        // A copy in the middle of something asks for nothing, not even to be counted.
        guard time >= copies[index].idleUntil else { return }
        let isUp = time >= copies[index].awayUntil
        switch copies[index].schedule.next(limit: copies[index].isBusy ? 20 : 0, at: now) {
        case .wait: break
        case .grant(let count): go(count, time)
        case .probe: copies[index].schedule.probed(isUp: isUp, at: now)
        case .ask(let limit):
            guard isUp || copies[index].arrives else {
                return copies[index].schedule.failed(mayHaveRun: false, at: now)
            }
            let answer = redis.ask(
                copy: "\(index)", share: copies[index].schedule.share, rate: rate, limit: limit,
                at: Int64(time * 1e6))
            // An answer that is lost takes what was granted with it.
            guard isUp else { return copies[index].schedule.failed(mayHaveRun: true, at: now) }
            go(copies[index].schedule.answered(granted: answer.granted, wait: answer.wait, at: now), time)
        }
    }

    private mutating func go(_ count: Int, _ time: Double) {
        grants.append(contentsOf: repeatElement(time, count: count))
    }
}

/// SplitMix64, so that a failure can be repeated.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
