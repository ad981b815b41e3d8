import Lifecycle
import Testing

@Suite struct BackoffTests {
    @Test("Waits double from the first to the longest, whatever chance says, and begin anew after a success")
    func doublesWithinBounds() {
        var least = Backoff(firstMilliseconds: 100, longestMilliseconds: 1_000)
        var most = least
        let low = (0..<6).map { _ in least.failed(chance: 0) / 1_000_000 }
        let high = (0..<6).map { _ in most.failed(chance: 1) / 1_000_000 }
        #expect(low == [50, 100, 200, 400, 500, 500])
        #expect(high == [100, 200, 400, 800, 1_000, 1_000])
        most.succeeded()
        let again = most.failed(chance: 1)
        #expect(again == 100_000_000)
    }

    @Test("A thousand failures neither trap nor go beyond the longest wait")
    func staysBounded() {
        var backoff = Backoff(firstMilliseconds: .max / 4_000_000, longestMilliseconds: .max / 4_000_000)
        for _ in 0..<1_000 {
            let wait = backoff.failed()
            #expect(wait > 0)
        }
    }
}
