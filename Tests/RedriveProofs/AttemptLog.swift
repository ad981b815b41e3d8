import Kafka

/// What a `read_uncommitted` reader has seen of the destination: who wrote what, committed or not.
package struct AttemptLog: Sendable {
    private var runNumbers: [String: Int32] = [:]
    private var names: [String] = []
    /// By destination partition and offset: the number of the run that wrote the record, -1 where there is none.
    private var writers: [[Int32]]
    private var last: [Int32: [Int32: Int64]] = [:]
    private var counts: [Int] = []
    private var sources: [Set<Int32>] = []

    init(partitions: Int) {
        writers = Array(repeating: [], count: partitions)
    }

    /// Records that a run has written so far.
    package func attempts(by run: String) -> Int {
        runNumbers[run].map { counts[Int($0)] } ?? 0
    }

    /// All records written so far.
    package var attempts: Int { counts.reduce(0, +) }

    /// The run that wrote the record at this place; nil for a marker, or where nothing was read yet.
    package func writer(partition: Int, offset: Int64) -> String? {
        guard offset >= 0, offset < Int64(writers[partition].count) else { return nil }
        let number = writers[partition][Int(offset)]
        return number < 0 ? nil : names[Int(number)]
    }

    /// The offset of a run's last record in each destination partition that it wrote to.
    package func lastOffsets(of run: String) -> [Int32: Int64] {
        runNumbers[run].flatMap { last[$0] } ?? [:]
    }

    /// The source partitions of the records that a run has written so far.
    package func sources(of run: String) -> Set<Int32> { runNumbers[run].map { sources[Int($0)] } ?? [] }

    mutating func take(_ batch: RecordBatch, _ index: Int) {
        var run = ""
        try? batch.forEachHeader(index) { name, value in
            if name.elementsEqual("gamification.redrive.run".utf8), let value {
                run = String(decoding: value, as: UTF8.self)
            }
        }
        let number = number(of: run)
        let (partition, offset) = (batch.partition(index), batch.offset(index))
        let gap = Int(offset) - writers[Int(partition)].count
        if gap > 0 { writers[Int(partition)] += [Int32](repeating: -1, count: gap) }
        if gap >= 0 { writers[Int(partition)].append(number) }
        counts[Int(number)] += 1
        last[number, default: [:]][partition] = offset
        if let record = batch.value(index).flatMap({ ProofRecord(value: $0) }) {
            sources[Int(number)].insert(record.partition)
        }
    }

    private mutating func number(of run: String) -> Int32 {
        if let known = runNumbers[run] { return known }
        let number = Int32(names.count)
        runNumbers[run] = number
        names.append(run)
        counts.append(0)
        sources.append([])
        return number
    }
}
