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
        var pacer = LanePacer(.rate(1_000))
        pacer.setShare(owned: 0, of: 6)
        // The first event was due before the share was known.
        _ = pacer.take()
        let given = pacer.take()
        #expect(!given)
        #expect(pacer.untilDue == nil)
        var unlimited = LanePacer(.unlimited)
        unlimited.setShare(owned: 1, of: 6)
        var taken = 0
        for _ in 0..<10_000 where unlimited.take() { taken += 1 }
        #expect(taken == 10_000)
        #expect(unlimited.untilDue == 0)
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
