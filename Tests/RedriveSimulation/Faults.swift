/// The process is gone.
struct Crash: Error {}

/// Decides, seeded, what goes wrong at each point between two effects.
struct Faults {
    enum Injected: Error { case abortable, fatal }

    var random: SplitMix64
    /// One in so many points goes wrong; 0 is never.
    var rate: Int
    /// Errors injected so far.
    private(set) var injected = 0

    init(random: SplitMix64, rate: Int) {
        self.random = random
        self.rate = rate
    }

    mutating func oneIn(_ n: Int) -> Bool { rate > 0 && random.oneIn(n) }

    /// A place where the process may die, or the broker may say no before the effect happens.
    mutating func point() throws {
        guard random.oneIn(rate) else { return }
        switch Int.random(in: 0..<4, using: &random) {
        case 0: try inject(.abortable)
        case 1: try inject(.fatal)
        default: throw Crash()
        }
    }

    private mutating func inject(_ error: Injected) throws {
        injected += 1
        throw error
    }

    /// A place after an effect, where the process may die without having learnt of it.
    mutating func crashPoint() throws {
        if random.oneIn(rate) { throw Crash() }
    }
}

/// A driver with one fault in it, which the simulation must find.
package enum Mutant: String, CaseIterable, Sendable {
    case commitBeforePublish
    case progressNotReadAgain
    case metadataAtCommit
}
