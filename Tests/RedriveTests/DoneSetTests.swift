import Redrive
import RedriveSimulation
import Testing

@Suite struct DoneSetTests {
    @Test func committedIsTheLowestOffsetNotDone() {
        var done = DoneSet(committed: 10)
        done.insert(12..<14)
        #expect(done.committed == 10)
        done.insert(10..<11)
        #expect(done.committed == 11)
        done.insert(11..<12)
        #expect(done.committed == 14)
    }

    @Test func rangesAcrossChunksAreKept() {
        let span = Int64(DoneChunk.span)
        var done = DoneSet(committed: 0)
        done.insert(span - 3..<3 * span + 5)
        #expect(done.committed == 0)
        #expect(done.contains(span - 3) && done.contains(3 * span + 4))
        #expect(!done.contains(span - 4) && !done.contains(3 * span + 5))
        #expect(done.remaining(below: 3 * span + 10) == span - 3 + 5)
        #expect(done.chunks[1]?.isFull == true)
        done.insert(0..<span - 3)
        #expect(done.committed == 3 * span + 5)
        #expect(done.remaining(below: 3 * span + 10) == 5)
    }

    @Test func whatIsTakenBackIsNotDoneAndNothingElseIs() {
        var done = DoneSet(committed: 10)
        done.insert(10..<20)
        done.insert(25..<30)
        done.remove(14)
        #expect(done.committed == 14)
        #expect(!done.contains(14) && done.contains(13) && done.contains(15) && done.contains(19))
        #expect(!done.contains(20) && done.contains(25))
        #expect(done.remaining(below: 30) == 1 + 5)
        done.remove(27)
        #expect(done.remaining(below: 30) == 1 + 5 + 1)
        done.remove(22)
        #expect(done.remaining(below: 30) == 1 + 5 + 1, "it was not done")
        done.insert(14..<15)
        #expect(done.committed == 20)
    }

    @Test func takingBackHoldsAtTheEdgesOfChunks() throws {
        let span = Int64(DoneChunk.span)
        for offset in [0, 1, span - 1, span, span + 1, 2 * span - 1, 2 * span, 3 * span - 2, 3 * span - 1] {
            var done = DoneSet(committed: 0)
            done.insert(0..<3 * span)
            #expect(done.chunks.isEmpty)
            done.remove(offset)
            #expect(done.committed == offset)
            #expect(done.remaining(below: 3 * span) == 1, "offset \(offset)")
            #expect(done.highestDone == (offset == 3 * span - 1 ? offset - 1 : 3 * span - 1), "offset \(offset)")
            // A chunk between the two offsets is wholly done, and says so in a word.
            let chunk = DoneSet.chunkIndex(of: offset)
            for index in chunk..<3 {
                let stored = try #require(done.chunkToStore(at: index, evenIfImplied: true))
                #expect(stored.count == (index == chunk ? DoneChunk.span - 1 : DoneChunk.span), "offset \(offset)")
            }
            done.insert(offset..<offset + 1)
            #expect(done.committed == 3 * span)
            #expect(done.chunks.values.allSatisfy { $0.firstDone(from: 0) == DoneChunk.span } || done.chunks.isEmpty)
        }
    }

    @Test func theLastOfAChunkThatIsTakenBackLeavesNoChunk() {
        var done = DoneSet(committed: 5)
        let far = 4 * Int64(DoneChunk.span)
        done.insert(8..<9)
        done.insert(far..<far + 1)
        done.remove(far)
        #expect(done.highestDone == 8)
        done.remove(8)
        #expect(done.highestDone == 4)
        #expect(done.chunks.isEmpty)
    }

    private func firstMissing(from offset: Int64, in model: Set<Int64>) -> Int64 {
        var offset = offset
        while model.contains(offset) { offset += 1 }
        return offset
    }

    @Test func agreesWithASetOfOffsets() {
        for seed in UInt64(1)...8 {
            var random = SplitMix64(seed: seed)
            var done = DoneSet(committed: Int64.random(in: 0...70_000, using: &random))
            let base = done.committed
            var model = Set<Int64>()
            for _ in 0..<60 {
                let lower = base + Int64.random(in: 0...140_000, using: &random)
                let upper = lower + Int64.random(in: 0...(random.oneIn(4) ? 70_000 : 5), using: &random)
                done.insert(lower..<upper)
                model.formUnion(lower..<upper)
                guard random.oneIn(3) else { continue }
                let taken = base + Int64.random(in: 0...140_000, using: &random)
                done.remove(taken)
                model.remove(taken)
            }
            #expect(done.committed == firstMissing(from: base, in: model), "seed \(seed)")
            let end = base + 300_000
            #expect(done.remaining(below: end) == end - base - Int64(model.count), "seed \(seed)")
            #expect(done.highestDone == model.max() ?? (base > 0 ? base - 1 : nil), "seed \(seed)")
            for _ in 0..<200 {
                let offset = base + Int64.random(in: 0...300_000, using: &random)
                #expect(done.contains(offset) == (offset < base || model.contains(offset)), "seed \(seed)")
                #expect(done.firstMissing(from: offset) == firstMissing(from: offset, in: model), "seed \(seed)")
            }
        }
    }

    @Test func aChunkSaysTheSameWholeAsRunByRun() {
        for seed in UInt64(1)...50 {
            var random = SplitMix64(seed: seed)
            var chunk = DoneChunk()
            for _ in 0..<Int.random(in: 0...20, using: &random) {
                let lower = Int.random(in: 0..<DoneChunk.span, using: &random)
                chunk.insert(lower..<min(DoneChunk.span, lower + Int.random(in: 1...4_000, using: &random)))
            }
            var whole = DoneSet(committed: Int64.random(in: 0...140_000, using: &random))
            if random.oneIn(2) { whole.insert(whole.committed + 2..<whole.committed + 9) }
            var byRun = whole
            let base = Int64(DoneChunk.span)
            whole.insert(chunk: chunk, at: 1)
            for run in chunk.runs { byRun.insert(base + Int64(run.lowerBound)..<base + Int64(run.upperBound)) }
            #expect(whole.committed == byRun.committed, "seed \(seed)")
            #expect(whole.highestDone == byRun.highestDone, "seed \(seed)")
            #expect(whole.remaining(below: 300_000) == byRun.remaining(below: 300_000), "seed \(seed)")
            for index in Int64(0)...2 {
                let stored = whole.chunkToStore(at: index, evenIfImplied: false)
                #expect(stored == byRun.chunkToStore(at: index, evenIfImplied: false), "seed \(seed)")
            }
        }
    }
}
