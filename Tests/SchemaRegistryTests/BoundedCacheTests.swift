import Lifecycle
import Testing

@testable import SchemaRegistry

@Suite struct BoundedCacheTests {
    private let start = MonotonicInstant(nanoseconds: 0)

    private func value(_ cache: inout BoundedCache<String>, _ id: Int32, at seconds: Double = 0) -> String? {
        cache.value(id) { start.advanced(bySeconds: seconds) }
    }

    @Test func dropsTheLeastRecentlyUsed() {
        var cache = BoundedCache<String>(countLimit: 3, costLimit: 100)
        for id in 1...3 as ClosedRange<Int32> { cache.insert("\(id)", id: id, cost: 1) }
        #expect(value(&cache, 1) == "1")
        cache.insert("4", id: 4, cost: 1)
        #expect(value(&cache, 2) == nil)
        #expect([1, 3, 4].map { value(&cache, $0) } == ["1", "3", "4"])
        #expect(cache.count == 3)
    }

    @Test func boundsTheCost() {
        var cache = BoundedCache<String>(countLimit: 100, costLimit: 10)
        cache.insert("a", id: 1, cost: 4)
        cache.insert("b", id: 2, cost: 4)
        cache.insert("c", id: 3, cost: 6)
        #expect(value(&cache, 1) == nil)
        #expect(cache.cost == 10)
        cache.insert("huge", id: 4, cost: 11)
        #expect(value(&cache, 4) == nil)
        #expect(value(&cache, 3) == "c")
        cache.insert("all", id: 5, cost: 10)
        #expect(cache.count == 1 && cache.cost == 10)
    }

    @Test func replacesAndExpires() {
        var cache = BoundedCache<String>(countLimit: 2, costLimit: 100)
        cache.insert("old", id: 1, cost: 50)
        cache.insert("new", id: 1, cost: 1, expiry: start.advanced(bySeconds: 60))
        #expect(cache.count == 1 && cache.cost == 1)
        #expect(value(&cache, 1, at: 59.9) == "new")
        #expect(value(&cache, 1, at: 60) == nil)
        #expect(cache.count == 0 && cache.cost == 0)
    }

    /// Against a plain model: a list in order of use.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func agreesWithAModel(seed: UInt64) {
        var random = SplitMix(state: seed)
        var cache = BoundedCache<Int>(countLimit: 5, costLimit: 20)
        var model: [(id: Int32, value: Int, cost: Int)] = []
        for step in 0..<2_000 {
            let id = Int32.random(in: 0..<12, using: &random)
            if Bool.random(using: &random) {
                let found = cache.value(id) { MonotonicInstant(nanoseconds: 0) }
                let index = model.firstIndex { $0.id == id }
                #expect(found == index.map { model[$0].value })
                if let index { model.append(model.remove(at: index)) }
            } else {
                let cost = Int.random(in: 1...25, using: &random)
                cache.insert(step, id: id, cost: cost)
                model.removeAll { $0.id == id }
                if cost <= 20 {
                    while model.count >= 5 || model.reduce(cost, { $0 + $1.cost }) > 20 { model.removeFirst() }
                    model.append((id, step, cost))
                }
            }
            #expect(cache.count == model.count)
            #expect(cache.cost == model.reduce(0) { $0 + $1.cost })
        }
    }
}

/// Sebastiano Vigna's splitmix64: the same run for the same seed.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite struct RetryPolicyTests {
    @Test func pausesDoubleUpToTheLongestWithJitter() {
        let policy = RegistryRetryPolicy(firstPause: .milliseconds(100), longestPause: .seconds(1))
        let longest = [1, 2, 3, 4, 5, 60].map { policy.pause(after: $0, random: 1) }
        #expect(longest == [100, 200, 400, 800, 1_000, 1_000].map { Duration.milliseconds($0) })
        #expect(policy.pause(after: 2, random: 0) == .milliseconds(100))
    }
}
