import Synchronization

/// The seeds that are still to be run, dealt out one by one to any number of threads.
final class SeedQueue: Sendable {
    private let first: UInt64
    /// When no more are dealt out; nil deals out the first alone.
    private let deadline: ContinuousClock.Instant?
    private let maximum: UInt64
    private let dealt = Atomic<UInt64>(0)
    private let isStopped = Atomic<Bool>(false)

    /// - Parameter maximum: seeds in all.
    init(first: UInt64, seconds: UInt64?, maximum: UInt64) {
        self.first = first
        deadline = seconds.map { .now + .seconds(Int64(clamping: min($0, 1_000_000_000))) }
        self.maximum = deadline == nil ? 1 : maximum
    }

    /// The next seed, nil once the time is over, the maximum reached, or a failure found.
    func next() -> UInt64? {
        if isStopped.load(ordering: .relaxed) { return nil }
        if let deadline, .now >= deadline { return nil }
        let index = dealt.wrappingAdd(1, ordering: .relaxed).oldValue
        return index < maximum ? first &+ index : nil
    }

    /// A failure was found.
    func stop() { isStopped.store(true, ordering: .relaxed) }
}
