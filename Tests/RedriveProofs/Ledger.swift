import Kafka

/// What `read_committed` readers have seen of the seeded records, and what was wrong with it.
package struct Ledger: Sendable {
    /// Within what a record must keep its place at the destination: one source partition and key; records without a key
    /// share one.
    private struct Line: Hashable {
        let partition: Int32
        let key: Int?
        let run: String
    }

    /// Where the order of one source partition and key is to hold.
    package enum Order: Sendable {
        /// Everywhere: no run leaves records behind for a later one.
        case acrossRuns
        case withinRun
        /// Nowhere: records were appended to the source again.
        case open
    }

    private let destinationPartitions: Int
    private let order: Order
    private var counts: [[UInt8]]
    private var lines: [Line: (index: Int32, destination: Int32)] = [:]
    /// Records seen.
    package private(set) var delivered = 0
    /// Records seen once more than once.
    package private(set) var twice = 0
    /// Records that overtook another one of their source partition and key.
    package private(set) var disordered = 0
    /// Records that are not byte for byte what was seeded, or stand in a partition where they do not belong.
    package private(set) var altered = 0
    /// The first faults, in words; at most 20.
    package private(set) var faults: [String] = []

    /// What the count of redrives must say; a replay writes none.
    private let expectedRetries: String?

    package init(
        partitions: Int, recordsPerPartition: Int, destinationPartitions: Int, order: Order, retries: String? = "1"
    ) {
        expectedRetries = retries
        self.order = order
        self.destinationPartitions = destinationPartitions
        counts = Array(repeating: Array(repeating: 0, count: recordsPerPartition), count: partitions)
    }

    package var isClean: Bool { twice == 0 && disordered == 0 && altered == 0 }

    /// Records that `isExpected` and were never seen.
    package func missing(where isExpected: (ProofRecord) -> Bool = { _ in true }) -> [ProofRecord] {
        counts.indices.flatMap { partition in
            counts[partition].indices.filter { counts[partition][$0] == 0 }
                .map { ProofRecord(partition: Int32(partition), index: Int32($0)) }.filter(isExpected)
        }
    }

    package func count(of record: ProofRecord) -> Int { Int(counts[Int(record.partition)][Int(record.index)]) }

    mutating func take(_ batch: RecordBatch, _ index: Int) {
        let place = "\(batch.partition(index)):\(batch.offset(index))"
        guard let value = batch.value(index), let record = ProofRecord(value: value),
            counts.indices.contains(Int(record.partition)),
            counts[Int(record.partition)].indices.contains(Int(record.index))
        else {
            altered += 1
            return fault("at \(place) stands a record that was never seeded")
        }
        delivered += 1
        let run = check(record, value, batch, index, place)
        count(record, place)
        follow(record, of: order == .acrossRuns ? "" : run, in: batch.partition(index), place)
    }

    private mutating func count(_ record: ProofRecord, _ place: String) {
        let (partition, index) = (Int(record.partition), Int(record.index))
        counts[partition][index] &+= 1
        if counts[partition][index] > 1 {
            twice += 1
            fault("\(record.partition)/\(record.index) was published again at \(place)")
        }
    }

    /// - Returns: the run that published it.
    private mutating func check(
        _ record: ProofRecord, _ value: UnsafeRawBufferPointer, _ batch: RecordBatch, _ index: Int, _ place: String
    ) -> String {
        var run: String?
        var originOffset: String?
        var retries: String?
        try? batch.forEachHeader(index) { name, value in
            let value = value.map { String(decoding: $0, as: UTF8.self) }
            if name.elementsEqual("__dlq.errors.offset".utf8) { originOffset = value }
            if name.elementsEqual("gamification.retry.count".utf8) { retries = value }
            if name.elementsEqual("gamification.redrive.run".utf8) { run = value }
        }
        let isSame =
            value.elementsEqual(record.value) && batch.key(index).map { Array($0) } == record.key
            && batch.timestamp(index).milliseconds == record.timestamp
            && originOffset == "\(record.index)" && retries == expectedRetries && run != nil
        if !isSame {
            altered += 1
            fault("\(record.partition)/\(record.index) was changed at \(place)")
        }
        return run ?? ""
    }

    private mutating func follow(_ record: ProofRecord, of run: String, in destination: Int32, _ place: String) {
        let line = Line(partition: record.partition, key: record.keyNumber, run: run)
        if let last = lines[line] {
            if order != .open, record.index < last.index, count(of: record) == 1 {
                disordered += 1
                fault("\(record.partition)/\(record.index) at \(place) comes after \(last.index) of the same key")
            }
            if destination != last.destination { misplaced(record, place) }
        }
        if record.keyNumber == nil, Int(destination) != Int(record.partition) % destinationPartitions {
            misplaced(record, place)
        }
        lines[line] = (max(record.index, lines[line]?.index ?? 0), destination)
    }

    private mutating func misplaced(_ record: ProofRecord, _ place: String) {
        altered += 1
        fault("\(record.partition)/\(record.index) at \(place) is not in its key's partition")
    }

    private mutating func fault(_ text: String) {
        if faults.count < 20 { faults.append(text) }
    }
}
