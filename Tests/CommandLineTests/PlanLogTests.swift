import Testing

@testable import reprocess_dlq

@Suite("entries of a plan that are not sent")
struct PlanLogTests {
    @Test("are counted once each, however many they are, and the first ones named")
    func counts() {
        let log = PlanLog()
        for _ in 0..<2 {
            for offset in 0..<300_000 as Range<Int64> {
                log.note(.init(partition: 7, offset: 5_000_000_000 + 3 * offset), .changed)
            }
        }
        log.note(.init(partition: 2, offset: 0), .bodyGone)
        #expect(log.count == 300_001)
        let first = log.first(3)
        #expect(first.map(\.place.offset) == [0, 5_000_000_000, 5_000_000_003])
        #expect(first.map(\.reason) == [.bodyGone, .changed, .changed])
        #expect(log.first(400_000).count == 300_001)
    }
}
