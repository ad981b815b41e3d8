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
    /// Calls that timed out.
    private(set) var retriable = 0

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

    /// What may become of the answer to a call that the client library repeats.
    enum Answer { case arrives, requestLost, answerLost }

    mutating func answer() -> Answer {
        guard rate > 0, random.oneIn(max(3, rate / 3)) else { return .arrives }
        retriable += 1
        return random.oneIn(2) ? .requestLost : .answerLost
    }

    /// A place after an effect, where the process may die without having learnt of it.
    mutating func crashPoint() throws {
        if random.oneIn(rate) { throw Crash() }
    }
}
