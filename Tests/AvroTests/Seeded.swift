import Foundation

/// A seeded source of random numbers (SplitMix64), so that a failing case can be run again.
struct Seeded: RandomNumberGenerator {
    /// What the tests start from; `AVRO_SEED` gives another. Every failure prints it.
    static let seed = ProcessInfo.processInfo.environment["AVRO_SEED"].flatMap(UInt64.init) ?? 20_240_607

    private var state: UInt64

    init(_ seed: UInt64 = Seeded.seed) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}

/// A number from the environment, for runs longer than the normal one.
func count(_ name: String, normally count: Int) -> Int {
    ProcessInfo.processInfo.environment[name].flatMap(Int.init) ?? count
}
