import Foundation
import Redrive
import RedriveSimulation
import Testing

@Suite struct ProgressCodecTests {
    private let stamp = ProgressStamp(run: "night-1", copy: "a1b2", sequence: 300)

    private func decode(_ bytes: [UInt8]) throws -> (value: ProgressValue, stamp: ProgressStamp) {
        try bytes.withUnsafeBytes { try ProgressCodec.decode($0) }
    }

    private func chunk(_ ranges: Range<Int>...) -> DoneChunk {
        var chunk = DoneChunk()
        for range in ranges { chunk.insert(range) }
        return chunk
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { (($0 < 16) ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// The vectors of docs/progress-format.md, read from there.
    @Test func documentedVectorsAreWhatIsWritten() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/progress-format.md")
        let text = try String(contentsOf: path, encoding: .utf8)
        let vectors = text.split(separator: "\n").compactMap { line -> String? in
            let parts = line.split(separator: "`")
            return line.hasPrefix("|") && parts.count == 3 && parts[1].allSatisfy(\.isHexDigit) ? String(parts[1]) : nil
        }
        let witness = Witness(
            offset: 69_999, timestamp: 1_790_000_000_000, digest: [UInt8](repeating: 7, count: 32))
        let values: [ProgressValue] = [
            .chunk(.full), .chunk(chunk(0..<3, 10..<11)),
            .partition(committed: 70_000, logStart: 5, witness: nil),
            .partition(committed: 70_000, logStart: 5, witness: witness),
        ]
        #expect(values.map { hex(ProgressCodec.encode($0, stamp: stamp)) } == vectors)
    }

    @Test func everyKindSurvives() throws {
        let alternating = stride(from: 0, to: DoneChunk.span, by: 2).reduce(into: DoneChunk()) {
            $0.insert($1..<$1 + 1)
        }
        let witness = Witness(offset: 9, timestamp: -5, digest: [UInt8](repeating: 7, count: 32))
        let values: [ProgressValue] = [
            .chunk(.full), .chunk(DoneChunk()), .chunk(chunk(5..<6, 100..<65_536)), .chunk(alternating),
            .partition(committed: 0, logStart: 0, witness: nil),
            .partition(committed: .max, logStart: 3, witness: witness),
        ]
        for value in values {
            let decoded = try decode(ProgressCodec.encode(value, stamp: stamp))
            #expect(decoded.value == value)
            #expect(decoded.stamp == stamp)
        }
    }

    @Test func aChunkNeverTakesMoreThanItsBitmap() {
        let alternating = stride(from: 0, to: DoneChunk.span, by: 2).reduce(into: DoneChunk()) {
            $0.insert($1..<$1 + 1)
        }
        #expect(ProgressCodec.encode(.chunk(alternating), stamp: stamp).count < DoneChunk.span / 8 + 40)
    }

    @Test func damageIsNeverTakenForSomethingElse() {
        let good = ProgressCodec.encode(.chunk(chunk(3..<9, 40..<50)), stamp: stamp)
        for length in 0..<good.count {
            #expect(throws: ProgressDamage.self) { try decode(Array(good.prefix(length))) }
        }
        for index in good.indices {
            for bit in 0..<8 {
                var bad = good
                bad[index] ^= 1 << UInt8(bit)
                #expect(throws: ProgressDamage.self) { try decode(bad) }
            }
        }
        #expect(throws: ProgressDamage.self) { try decode(good + [0]) }
    }

    @Test func anotherVersionIsNamed() {
        var bytes = ProgressCodec.encode(.chunk(.full), stamp: stamp)
        bytes[0] = 2
        #expect(throws: ProgressDamage.unknownVersion(2)) { try decode(bytes) }
    }

    @Test func randomBytesNeverDecode() {
        var random = SplitMix64(seed: 7)
        for _ in 0..<20_000 {
            var bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            if !bytes.isEmpty { bytes[0] = 1 }
            #expect(throws: ProgressDamage.self) { try decode(bytes) }
        }
    }

    @Test func keysRoundTripAndOthersAreRefused() {
        let owner = ProgressOwner(group: "gamification.drain.gamification.dlq", topic: "gamification.dlq", partition: 3)
        for key in [ProgressKey.partition(owner), .chunk(owner, 12)] {
            let read = Array(key.text.utf8).withUnsafeBytes { ProgressKey($0) }
            #expect(read == key)
        }
        for bad in ["", "a/b", "a//1", "a/b/-1", "a/b/01", "a/b/1/2/3", "a/b/1/x", "a/b/1/-2", "/b/1"] {
            #expect(Array(bad.utf8).withUnsafeBytes { ProgressKey($0) } == nil, "\(bad)")
        }
    }

    @Test func metadataRoundTripsAndOthersAreForeign() {
        let metadata = CommitMetadata(stamp: stamp, hasProgress: true)
        #expect(CommitMetadata(metadata.text) == metadata)
        for foreign in [
            nil, "", "NO_METADATA", "gamification.redrive/2 sequence=1 progress=1 run=a copy=b",
            "gamification.redrive/1 sequence=x progress=1 run=a copy=b",
            "gamification.redrive/1 sequence=1 progress=2 run=a copy=b",
        ] {
            #expect(CommitMetadata(foreign) == nil)
        }
    }
}
