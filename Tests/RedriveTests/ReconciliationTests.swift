import Redrive
import Testing

@Suite struct ReconciliationTests {
    private let owner = ProgressOwner(group: "g", topic: "dlq", partition: 0)

    private func metadata(_ sequence: UInt64, progress: Bool = true) -> String {
        CommitMetadata(stamp: ProgressStamp(run: "r", copy: "c", sequence: sequence), hasProgress: progress).text
    }

    private func image(
        committed: Int64, sequence: UInt64, logStart: Int64 = 0, witness: Witness? = nil, done: Range<Int64>? = nil
    ) throws -> ProgressImage {
        var image = ProgressImage()
        let stamp = ProgressStamp(run: "r", copy: "c", sequence: sequence)
        let value = ProgressValue.partition(committed: committed, logStart: logStart, witness: witness)
        try ProgressCodec.encode(value, stamp: stamp).withUnsafeBytes { bytes in
            try image.apply(.partition(owner), value: bytes, timestamp: 55)
        }
        if let done {
            var set = DoneSet(committed: 0)
            set.insert(done)
            for (index, chunk) in set.chunks {
                try ProgressCodec.encode(.chunk(chunk), stamp: stamp).withUnsafeBytes { bytes in
                    try image.apply(.chunk(owner, index), value: bytes, timestamp: 55)
                }
            }
        }
        return image
    }

    private func facts(
        _ committed: (Int64, String?)?, _ image: ProgressImage = ProgressImage(), logStart: Int64 = 0,
        high: Int64 = 1_000,
        witnessMatches: Bool? = nil, firstLogStart: Int64? = nil
    ) -> PartitionFacts {
        PartitionFacts(
            owner: owner, committed: committed.map { (offset: $0.0, metadata: $0.1) }, image: image, logStart: logStart,
            highWatermark: high, witnessMatches: witnessMatches, firstLogStart: firstLogStart)
    }

    @Test func aFreshGroupStartsAtTheLogStart() throws {
        let start = try facts(nil, logStart: 40).reconcile(acceptReset: false)
        #expect(start.done.committed == 40)
        #expect(start.gone == 0)
    }

    @Test func whatRetentionTakesFromARunThatHasCommittedNothingIsGone() throws {
        let start = try facts(nil, logStart: 100, firstLogStart: 40).reconcile(acceptReset: false)
        #expect(start.done.committed == 100)
        #expect(start.gone == 60)
        let unchanged = try facts(nil, logStart: 40, firstLogStart: 40).reconcile(acceptReset: false)
        #expect(unchanged.done.committed == 40)
        #expect(unchanged.gone == 0)
        let backwards = try facts(nil, logStart: 10, firstLogStart: 40).reconcile(acceptReset: false)
        #expect(backwards.done.committed == 10)
        #expect(backwards.gone == 0)
        // Where there is progress, it says what was done.
        let known = try facts((20, metadata(7, progress: false)), logStart: 100, firstLogStart: 40)
            .reconcile(acceptReset: false)
        #expect(known.gone == 80)
    }

    @Test func progressAboveTheCommittedOffsetIsFollowed() throws {
        let start = try facts((100, metadata(7)), try image(committed: 100, sequence: 7, done: 300..<400))
            .reconcile(acceptReset: false)
        #expect(start.done.committed == 100)
        #expect(start.done.remaining(below: 1_000) == 800)
        #expect(start.sequence == 7)
        #expect(start.notices.isEmpty)
    }

    @Test func aForgottenOffsetIsReplacedByTheProgress() throws {
        let start = try facts(nil, try image(committed: 100, sequence: 7)).reconcile(acceptReset: false)
        #expect(start.done.committed == 100)
        #expect(start.notices == [.committedOffsetMissing(partition: 0, writtenAt: 55)])
    }

    @Test(arguments: [nil, "", "somebody else"]) func anotherProgramsOffsetIsRefused(text: String?) throws {
        let facts = facts((500, text), try image(committed: 100, sequence: 7, done: 600..<700))
        #expect(throws: ProgressRefusal.foreignOffset(partition: 0, offset: 500)) {
            try facts.reconcile(acceptReset: false)
        }
        let start = try facts.reconcile(acceptReset: true)
        #expect(start.done.committed == 500)
        #expect(start.done.remaining(below: 1_000) == 500)
        #expect(start.touchedChunks == [0])
    }

    @Test func missingOrOlderProgressIsRefused() throws {
        #expect(throws: ProgressRefusal.progressMissing(partition: 0, sequence: 9)) {
            try facts((100, metadata(9))).reconcile(acceptReset: false)
        }
        let older = facts((100, metadata(9)), try image(committed: 50, sequence: 8))
        #expect(throws: ProgressRefusal.progressMissing(partition: 0, sequence: 9)) {
            try older.reconcile(acceptReset: false)
        }
        let unkept = try facts((100, metadata(9, progress: false))).reconcile(acceptReset: false)
        #expect(unkept.done.committed == 100)
    }

    @Test func aKillBetweenProgressAndOffsetFollowsTheProgress() throws {
        let start = try facts((100, metadata(6)), try image(committed: 150, sequence: 7)).reconcile(acceptReset: false)
        #expect(start.done.committed == 150)
        #expect(start.notices == [.offsetBehindProgress(partition: 0)])
    }

    @Test func contradictionIsRefused() throws {
        let facts = facts((120, metadata(7)), try image(committed: 100, sequence: 7))
        #expect(throws: ProgressRefusal.contradiction(partition: 0, committed: 120, progress: 100)) {
            try facts.reconcile(acceptReset: false)
        }
    }

    @Test func aTopicMadeAnewIsRefused() throws {
        let witness = Witness(offset: 90, timestamp: 1, digest: [UInt8](repeating: 1, count: 32))
        let seen = try image(committed: 100, sequence: 7, logStart: 20, witness: witness, done: 300..<400)
        #expect(throws: ProgressRefusal.recreated(partition: 0, .logStartWentBack(from: 20, to: 0))) {
            try facts((100, metadata(7)), seen).reconcile(acceptReset: false)
        }
        #expect(throws: ProgressRefusal.recreated(partition: 0, .endBelowDone(done: 400, end: 399))) {
            try facts((100, metadata(7)), seen, logStart: 20, high: 399).reconcile(acceptReset: false)
        }
        #expect(throws: ProgressRefusal.recreated(partition: 0, .witnessDiffers(offset: 90))) {
            try facts((100, metadata(7)), seen, logStart: 20, witnessMatches: false).reconcile(acceptReset: false)
        }
        #expect(throws: Never.self) {
            try facts((100, metadata(7)), seen, logStart: 20, witnessMatches: true).reconcile(acceptReset: false)
        }
    }

    @Test func whatRetentionOvertookIsCountedWithoutTheDone() throws {
        let start = try facts(
            (100, metadata(7)), try image(committed: 100, sequence: 7, done: 150..<160), logStart: 200
        )
        .reconcile(acceptReset: false)
        #expect(start.gone == 90)
        #expect(start.done.committed == 200)
    }
}
