import Lifecycle
import Pacing
import Testing

@Suite("Token bucket")
struct TokenBucketTests {
    @Test("It starts full, empties, and refills to the brim at most")
    func basics() {
        var bucket = TokenBucket(capacity: 10, refill: 5, start: at(0))
        #expect(bucket.grant(upTo: 4, at: at(0)) == 4)
        #expect(bucket.grant(upTo: 99, at: at(0)) == 6)
        #expect(bucket.grant(upTo: 99, at: at(0)) == 0)
        #expect(bucket.nextDue(at: at(0)) == 200_000_000)
        #expect(bucket.grant(upTo: 99, at: at(1)) == 5)
        #expect(bucket.grant(upTo: 99, at: at(1000)) == 10)
    }

    @Test("Time that goes back gives nothing, and limits below one neither")
    func backwards() {
        var bucket = TokenBucket(capacity: 1, refill: 1, start: at(10))
        #expect(bucket.grant(upTo: 1, at: at(5)) == 1)
        #expect(bucket.grant(upTo: 1, at: at(9)) == 0)
        #expect(bucket.grant(upTo: 0, at: at(100)) == 0)
        #expect(bucket.grant(upTo: .min, at: at(100)) == 0)
        #expect(bucket.grant(upTo: 1, at: at(11)) == 1)
    }

    @Test("Odd parameters are made sense of")
    func oddParameters() {
        var dry = TokenBucket(capacity: -3, refill: -1, start: at(0))
        #expect(dry.grant(upTo: 5, at: at(0)) == 1)
        #expect(dry.nextDue(at: at(1e6)) == nil)
        #expect(TokenBucket(capacity: .nan, refill: .infinity, start: at(0)).capacity == 1)
        var vast = TokenBucket(capacity: 1e300, refill: 1, start: at(0))
        #expect(vast.grant(upTo: .max, at: at(0)) == .max)
    }

    @Test("Tokens taken in advance are waited for in turn, and paid back before others are granted")
    func reservations() {
        var bucket = TokenBucket(capacity: 3, refill: 10, start: at(0))
        #expect((0..<5).map { _ in bucket.reserve(at: at(0)) } == [0, 0, 0, 100_000_000, 200_000_000])
        #expect(bucket.grant(upTo: 9, at: at(0)) == 0)
        #expect(bucket.nextDue(at: at(0)) == 300_000_000)
        // After the time that the five took, one is there again; after a long pause, a whole burst.
        #expect(bucket.reserve(at: at(0.3)) == 0)
        #expect((0..<4).map { _ in bucket.reserve(at: at(60)) } == [0, 0, 0, 100_000_000])
        var dry = TokenBucket(capacity: 1, refill: 0, start: at(0))
        #expect(dry.reserve(at: at(0)) == 0)
        #expect(dry.reserve(at: at(9)) == nil)
    }

    @Test("No window sees more than capacity and refill allow; a told wait is enough", arguments: [UInt64](1...60))
    func windows(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let refill = random.pick([0.001, 1, 77.7, 1e7])
        let capacity = Double.random(in: 1...30, using: &random)
        var bucket = TokenBucket(capacity: capacity, refill: refill, start: at(0))
        var log = GrantLog()
        var now = at(0)
        for _ in 0..<300 {
            if Bool.random(using: &random) {
                now = now.advanced(by: bucket.nextDue(at: now) ?? 0)
                let granted = bucket.grant(upTo: 1, at: now)
                #expect(granted == 1)
                log.add(granted, at: now)
            } else {
                now = now.advanced(bySeconds: Double.random(in: 0...5, using: &random) / refill)
                log.add(bucket.grant(upTo: Int.random(in: 0...40, using: &random), at: now), at: now)
            }
        }
        #expect(log.worstBurst(rate: refill) <= capacity + 0.01)
        #expect(Double(log.total) <= capacity + refill * now.seconds(since: at(0)) + 0.01)
    }
}
