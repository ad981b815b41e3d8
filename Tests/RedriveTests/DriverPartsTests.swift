import Pacing
import Synchronization
import Testing

@testable import Redrive

@Suite struct DriverPartsTests {
    /// Hashes that org.apache.kafka.common.utils.Utils.murmur2 gives (KafkaProducer's own test cases).
    @Test func murmur2AgreesWithJava() {
        let known: [(String, Int32)] = [
            ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971), ("abc", 479_470_107),
        ]
        for (key, hash) in known {
            #expect(Int32(bitPattern: KeyPartitioner.murmur2(Array(key.utf8))) == hash, "\(key)")
        }
        #expect((0..<200).allSatisfy { (0..<7).contains(KeyPartitioner.partition(of: "k\($0)", count: 7)) })
    }

    @Test func tagsTellPartitionOffsetAndDestination() {
        for partition in [0, 1, 77, 1_048_575] as [Int32] {
            for offset in [0, 1, 65_536, (1 << 42) - 1] as [Int64] {
                for parked in [false, true] {
                    let tag = RecordTag.make(partition: partition, offset: offset, parked: parked)
                    #expect(
                        RecordTag.record(of: tag)
                            == PublishAttempt(partition: partition, offset: offset, byParking: parked))
                }
            }
        }
        #expect(RecordTag.record(of: RecordTag.make(partition: 0, offset: 1 << 42, parked: false)) == nil)
        #expect(RecordTag.record(of: 0) == nil)
    }

    @Test func pacingGivesACopyItsShare() {
        let pacer = RunPacer(.rate(1_000))
        pacer.setShare(owned: 0, of: 6)
        // The first event was due before the share was known.
        _ = pacer.take(0)
        #expect(!pacer.take(0))
        #expect(pacer.untilDue(0) == nil)
        let unlimited = RunPacer(.unlimited)
        unlimited.setShare(owned: 1, of: 6)
        var taken = 0
        for _ in 0..<10_000 where unlimited.take(0) { taken += 1 }
        #expect(taken == 10_000)
        #expect(unlimited.untilDue(0) == 0)
    }

    @Test func lanesTakeTurnsAndShareOneSchedule() {
        let pacer = RunPacer(.rate(0.001))
        let woken = Mutex<[Int]>([])
        for lane in 0..<3 { pacer.enter(lane) { woken.withLock { $0.append(lane) } } }
        // One record is due at once; the next one in a quarter of an hour, whoever asks.
        #expect(pacer.take(0))
        #expect(!pacer.take(0) && pacer.hasTurn(0))
        #expect(!pacer.take(2) && !pacer.take(1))
        #expect(pacer.untilDue(1) == nil && pacer.untilDue(0) ?? 0 > 0)
        // One that has nothing to pass on, or has gone meanwhile, disturbs nobody.
        pacer.pass(1)
        #expect(pacer.hasTurn(0))
        pacer.pass(0)
        #expect(woken.withLock { $0 } == [2] && pacer.hasTurn(2))
        #expect(!pacer.take(2) && pacer.untilDue(2) ?? 0 > 0)
        pacer.pass(2)
        #expect(woken.withLock { $0 } == [2] && !pacer.hasTurn(2))
        #expect(!pacer.take(1) && pacer.hasTurn(1))
    }

    @Test func permitsOfOthersAreAskedForByTheLaneWhoseTurnItIs() {
        let permits = FewPermits()
        let pacer = RunPacer(.rate(100), permits: permits)
        let woken = Mutex<[Int]>([])
        for lane in 0..<2 { pacer.enter(lane) { woken.withLock { $0.append(lane) } } }
        #expect(!pacer.take(0, wanted: 7) && !pacer.take(1, wanted: 9))
        #expect(permits.state.withLock { $0.wanted } == 7)
        permits.state.withLock { $0.left = 2 }
        permits.state.withLock { $0.body }?()
        #expect(woken.withLock { $0 } == [0])
        #expect(pacer.take(0) && pacer.take(0) && !pacer.take(0))
        #expect(pacer.untilDue(0) == nil)
        pacer.setShare(owned: 2, of: 8)
        pacer.setPaused(true)
        pacer.setRate(.constant(7))
        #expect(permits.state.withLock { $0.told } == ["2/8", "paused", "constant(7.0)"])
    }

    @Test func aLaneThatHasFailedIsNotSetToWorkAgain() {
        let mailbox = LaneMailbox()
        mailbox.report(.failed(.stopped(waitingFor: "a test")))
        mailbox.give(.stop)
        guard case .failed = mailbox.status else {
            Issue.record("\(mailbox.status)")
            return
        }
        #expect(mailbox.takeOrders().isEmpty)
    }
}

private final class FewPermits: PermitSource {
    struct State {
        var left = 0
        var wanted = 0
        var told: [String] = []
        var body: (@Sendable () -> Void)?
    }
    let state = Mutex(State())

    func take(wanted: Int) -> Bool {
        state.withLock { state in
            guard state.left > 0 else {
                state.wanted = wanted
                return false
            }
            state.left -= 1
            return true
        }
    }
    func onArrival(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.body = body } }
    func setRate(_ rate: RateProfile) { state.withLock { $0.told.append("\(rate)") } }
    func setShare(owned: Int, of total: Int) { state.withLock { $0.told.append("\(owned)/\(total)") } }
    func setPaused(_ isPaused: Bool) { state.withLock { $0.told.append(isPaused ? "paused" : "going on") } }
}
