import Redrive

/// A broker's memory: source partitions with gaps and retention, a destination, the progress topic, transactions
/// with timeouts and fencing, all on a virtual clock. The consumer group is `ModelGroup`.
package final class ModelBroker {
    package struct SourceRecord {
        package let id: Int
        package let offset: Int64
    }

    package struct SourcePartition {
        package var records: [SourceRecord] = []
        package var logStart: Int64 = 0
        package var end: Int64 = 0

        /// Where the first record at or after `position` stands, by binary search.
        func index(ofFirstFrom position: Int64) -> Int {
            var low = 0
            var high = records.count
            while low < high {
                let middle = (low + high) / 2
                if records[middle].offset < position { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }

    enum TransactionState { case open, committed, aborted }

    final class Transaction {
        var state = TransactionState.open
        let startedAt: UInt64
        var offsets: [Int32: (offset: Int64, metadata: String)] = [:]
        init(startedAt: UInt64) { self.startedAt = startedAt }
    }

    struct Published {
        let id: Int
        let partition: Int32
        let offset: Int64
        let sender: Sender
        let transaction: Transaction?
        let parked: Bool
        var isCommitted: Bool { transaction.map { $0.state == .committed } ?? true }
    }

    struct ProgressEntry {
        let key: ProgressKey
        let value: [UInt8]?
        let transaction: Transaction?
    }

    /// The progress topic's records of one owner in log order, and what a read_committed reader has folded of them:
    /// what lies below the first open transaction can change no more, so every record is decoded once.
    struct ProgressLog {
        var entries: [ProgressEntry] = []
        var image = ProgressImage()
        /// Entries that `image` holds.
        var folded = 0
    }

    /// A step that the broker refuses.
    enum Refusal: Error { case fenced, illegalGeneration, erroneousTransaction }

    /// Nanoseconds.
    package var now: UInt64 = 0
    package var partitions: [SourcePartition] = []
    private(set) var destination: [Published] = []
    /// Batches that were refused for a record in them.
    var refusedBatches = 0
    private var progress: [ProgressOwner: ProgressLog] = [:]
    private(set) var committedOffsets: [Int32: (offset: Int64, metadata: String)] = [:]
    private var openTransactions: [(Producer, Transaction)] = []
    let group = ModelGroup()
    static let transactionTimeout: UInt64 = 10_000_000_000

    package init() {}

    /// Lets time pass: transactions that are too old are aborted and their producers fenced.
    package func advance(by nanoseconds: UInt64) {
        now += nanoseconds
        for (producer, transaction) in openTransactions
        where transaction.state == .open && now - transaction.startedAt > Self.transactionTimeout {
            transaction.state = .aborted
            producer.isFenced = true
            producer.transaction = nil
        }
        openTransactions.removeAll { $0.1.state != .open }
        group.expire(now: now)
    }

    // MARK: - Producing

    func append(_ record: Published) { destination.append(record) }

    func publish(_ record: ProgressRecord, by producer: Producer?) throws {
        let value = record.value.map { ProgressCodec.encode($0, stamp: record.stamp) }
        let isInTransaction = producer?.isTransactional ?? false
        if let producer { try checkSound(producer) }
        let entry = ProgressEntry(
            key: record.key, value: value, transaction: isInTransaction ? try producer.map(open) : nil)
        progress[record.key.owner, default: ProgressLog()].entries.append(entry)
    }

    func checkSound(_ producer: Producer) throws {
        if producer.isFenced { throw Refusal.fenced }
        if producer.isErroneous { throw Refusal.erroneousTransaction }
    }

    func open(_ producer: Producer) throws -> Transaction {
        guard !producer.isFenced else { throw Refusal.fenced }
        if let transaction = producer.transaction { return transaction }
        let transaction = Transaction(startedAt: now)
        producer.transaction = transaction
        openTransactions.append((producer, transaction))
        return transaction
    }

    func sendOffsets(_ commit: RedriveCommit, as metadata: ModelGroup.Metadata, by producer: Producer) throws {
        try checkSound(producer)
        let transaction = try open(producer)
        guard group.accepts(metadata) else { throw Refusal.illegalGeneration }
        for entry in commit.offsets { transaction.offsets[entry.partition] = (entry.offset, entry.metadata.text) }
    }

    func commitTransaction(of producer: Producer) throws {
        try checkSound(producer)
        guard let transaction = producer.transaction else { return }
        transaction.state = .committed
        committedOffsets.merge(transaction.offsets) { $1 }
        producer.transaction = nil
    }

    func abortTransaction(of producer: Producer) throws {
        guard !producer.isFenced else { throw Refusal.fenced }
        producer.transaction?.state = .aborted
        producer.transaction = nil
        _ = producer.takeWaiting()
        producer.isErroneous = false
    }

    func commitOffsets(_ commit: RedriveCommit, as metadata: ModelGroup.Metadata) throws {
        guard group.accepts(metadata) else { throw Refusal.illegalGeneration }
        for entry in commit.offsets { committedOffsets[entry.partition] = (entry.offset, entry.metadata.text) }
    }

    func overwrite(_ partition: Int32, _ committed: (offset: Int64, metadata: String)) {
        committedOffsets[partition] = committed
    }

    // MARK: - Reading

    /// The group's committed offset, nil in the outer optional while a transaction's commit of it is pending.
    func stableOffset(of partition: Int32) -> (offset: Int64, metadata: String)?? {
        let pending = openTransactions.contains { $0.1.state == .open && $0.1.offsets[partition] != nil }
        return pending ? .none : .some(committedOffsets[partition])
    }

    /// What a read_committed reader finds of `owner`, nil while an open transaction hides the end.
    func stableProgress(of owner: ProgressOwner) throws -> ProgressImage? {
        try progress[owner, default: ProgressLog()].stableImage()
    }

    /// How many offsets below these limits are done, in the partitions of a commit; nil while that is not stable.
    func doneBelow(_ limits: [Int32: Int64], of commit: RedriveCommit, _ owner: (Int32) -> ProgressOwner) -> Int64? {
        var total: Int64 = 0
        for partition in commit.offsets.map(\.partition) {
            guard let limit = limits[partition], limit > 0 else { continue }
            guard let image = try? stableProgress(of: owner(partition)) else { return nil }
            let known = [image.partition?.committed, committedOffsets[partition]?.offset].compactMap { $0 }.max()
            // Where nothing was known, what retention had deleted was nobody's.
            var done = DoneSet(committed: known ?? limit)
            for (index, chunk) in image.chunks { done.insert(chunk: chunk, at: index) }
            total += done.count(in: 0..<limit)
        }
        return total
    }

    /// The records at or after `position`, at most `limit`; nil where retention has overtaken the position.
    func fetch(_ partition: Int32, from position: Int64, limit: Int) -> ArraySlice<SourceRecord>? {
        let log = partitions[Int(partition)]
        guard position >= log.logStart, position <= log.end else { return nil }
        return log.records[log.index(ofFirstFrom: position)...].prefix(limit)
    }

    /// An idle group's offsets are forgotten.
    package func forgetOffsets() {
        if group.isEmpty { committedOffsets = [:] }
    }
}

extension ModelBroker {
    /// Commits outside any transaction, as a driver would that commits first and publishes afterwards.
    func force(_ commit: RedriveCommit) {
        for entry in commit.offsets { overwrite(entry.partition, (entry.offset, entry.metadata.text)) }
        for record in commit.progress { try? publish(record, by: nil) }
    }
}

extension ModelBroker.ProgressLog {
    /// What a read_committed reader finds, nil while an open transaction hides the end.
    mutating func stableImage() throws -> ProgressImage? {
        while folded < entries.count {
            let entry = entries[folded]
            if entry.transaction?.state == .open { return nil }
            if entry.transaction?.state != .aborted { try fold(entry) }
            folded += 1
        }
        return image
    }

    private mutating func fold(_ entry: ModelBroker.ProgressEntry) throws {
        guard let value = entry.value else { return try image.apply(entry.key, value: nil, timestamp: 0) }
        try value.withUnsafeBytes { try image.apply(entry.key, value: $0, timestamp: 0) }
    }
}
