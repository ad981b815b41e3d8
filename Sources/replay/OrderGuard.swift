import CommandLine
import Kafka
import Lifecycle
import Redrive
import ToolKit

/// Whether a destination already holds newer records of keys that are to be published: then old state would come after
/// new. Bounded: beyond `maximumKeys` keys the oldest record of all counts for every other key, which may alarm too
/// often and never too seldom.
struct OrderGuard: Sendable {
    static let maximumKeys = 200_000
    /// Newer records at the destinations that are counted at most.
    private static let maximumNewer = 1_000
    /// By hash of destination and key: the oldest record that is to be published, milliseconds since 1970.
    private var oldest: [UInt64: Int64] = [:]
    /// Of keys beyond the bound.
    private var oldestOther: Int64?
    private var destinations: Set<String> = []

    mutating func add(key: UnsafeRawBufferPointer?, timestamp: Int64, to topic: String) {
        guard let key else { return }
        destinations.insert(topic)
        let hash = Self.hash(key)
        if let known = oldest[hash] {
            oldest[hash] = min(known, timestamp)
        } else if oldest.count < Self.maximumKeys {
            oldest[hash] = timestamp
        } else {
            oldestOther = min(oldestOther ?? timestamp, timestamp)
        }
    }

    /// Warns of newer records at the destinations, or refuses the run for them.
    ///
    /// - Parameters:
    ///   - run: whose records do not count: they are this run's own.
    ///   - isStrict: whether it refuses.
    func judge(
        _ kafka: KafkaConfiguration, run: String, isStrict: Bool, stop: StopFlag, say: Reporter
    ) async throws {
        let newer = try await newer(in: kafka, run: run, patience: StartCommand.patience, stop: stop)
        guard newer > 0 else { return }
        let count = newer >= Self.maximumNewer ? "at least \(Self.maximumNewer)" : "\(newer)"
        let sentence =
            "the destination already holds \(count) newer records of the same keys: this replay puts old state after new"
        guard isStrict else { return say.warning(sentence) }
        throw Refusal(.refused, "\(sentence), and --strict-order refuses that. Nothing was published")
    }

    /// Searches the destinations, from the oldest record on.
    ///
    /// - Returns: the number of newer records, at most `maximumNewer`.
    private func newer(
        in kafka: KafkaConfiguration, run: String, patience: Duration, stop: StopFlag
    ) async throws -> Int {
        guard let first = (oldest.values + (oldestOther.map { [$0] } ?? [])).min() else { return 0 }
        let reader = try KafkaConsumer(kafka, group: nil, isolation: .readCommitted)
        defer { reader.close(timeout: .seconds(5)) }
        var found = 0
        let name = Array(run.utf8)
        for topic in destinations.sorted() {
            let places = try reader.partitions(of: topic, timeout: patience)
            let firsts = try reader.offsets(at: max(0, first), in: places, timeout: patience)
            var starts: [PartitionStart] = []
            var ends: [Int32: Int64] = [:]
            for place in places {
                guard let from = firsts[place] ?? nil else { continue }
                starts.append(
                    PartitionStart(partition: place.partition, done: DoneSet(committed: from), logStart: from))
                ends[place.partition] = try reader.stableBounds(of: place, timeout: patience).lastStableOffset
            }
            let scan = DeadLetterScan(kafka, topic: topic, patience: patience)
            _ = try await scan.run(starts, ends: ends, stop: stop) { batch, index in
                guard let key = batch.key(index), let known = oldest[Self.hash(key)] ?? oldestOther,
                    batch.timestamp(index).milliseconds > known, !isOwn(batch, index, name)
                else { return true }
                found += 1
                return found < Self.maximumNewer
            }
            if found >= Self.maximumNewer { break }
        }
        return found
    }

    private func isOwn(_ batch: RecordBatch, _ index: Int, _ run: [UInt8]) -> Bool {
        var isOwn = false
        try? batch.forEachHeader(index) { name, value in
            if name.elementsEqual("gamification.redrive.run".utf8), value?.elementsEqual(run) == true { isOwn = true }
        }
        return isOwn
    }

    /// FNV-1a, 64 bits: a collision makes a false alarm once in billions of keys.
    private static func hash(_ key: UnsafeRawBufferPointer) -> UInt64 {
        key.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
