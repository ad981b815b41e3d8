import Kafka
import Synchronization
package import TestSupport

/// Two readers beside a drain: what `read_committed` sees goes into a ledger, what was tried into a log.
package final class DestinationWatch: Sendable {
    private final class Books: Sendable {
        let ledger: Mutex<Ledger>
        let attempts: Mutex<AttemptLog>

        init(_ ledger: Ledger, _ attempts: AttemptLog) {
            self.ledger = Mutex(ledger)
            self.attempts = Mutex(attempts)
        }
    }

    private let books: Books
    private let committed: TopicReader
    private let uncommitted: TopicReader

    package init(
        _ kafka: ScratchKafka, _ topics: RedriveTopics, recordsPerPartition: Int, order: Ledger.Order = .acrossRuns,
        retries: String? = "1"
    ) throws {
        let books = Books(
            Ledger(
                partitions: topics.partitions, recordsPerPartition: recordsPerPartition,
                destinationPartitions: topics.partitions, order: order, retries: retries),
            AttemptLog(partitions: topics.partitions))
        self.books = books
        committed = try TopicReader(
            kafka.bootstrapServers, topic: topics.destination, partitions: topics.partitions,
            isolation: .readCommitted
        ) { batch, index in books.ledger.withLock { $0.take(batch, index) } }
        uncommitted = try TopicReader(
            kafka.bootstrapServers, topic: topics.destination, partitions: topics.partitions,
            isolation: .readUncommitted
        ) { batch, index in books.attempts.withLock { $0.take(batch, index) } }
    }

    package var ledger: Ledger { books.ledger.withLock { $0 } }

    /// Records that `read_committed` has seen so far.
    package var delivered: Int { books.ledger.withLock(\.delivered) }

    /// Asks the log of attempts.
    package func attempts<Value>(_ body: (AttemptLog) -> Value) -> Value {
        books.attempts.withLock { body($0) }
    }

    /// Waits until no transaction is open at the destination (stable and latest end agree) and both readers have seen
    /// all of it; only then is it time to count.
    package func settle(deadline: Double = 120) async -> Bool {
        await eventually(deadline: deadline) {
            guard let latest = await uncommitted.ends(), let stable = await committed.ends(), stable == latest
            else { return false }
            return committed.hasReached(stable) && uncommitted.hasReached(latest)
        }
    }

    /// The runs that have a transaction open, as far as the last stable offsets show it: the record there is the first one
    /// of the oldest open transaction of its partition.
    package func openWriters() async -> Set<String> {
        guard let stable = await committed.ends() else { return [] }
        return attempts { log in
            Set(stable.enumerated().compactMap { log.writer(partition: $0.offset, offset: $0.element) })
        }
    }

    /// Of these runs, which are dead, those that surely had no transaction open: all that they wrote is stable.
    package func settledWriters(among runs: Set<String>) async -> Set<String> {
        guard let stable = await committed.ends() else { return [] }
        return attempts { log in
            runs.filter { run in log.lastOffsets(of: run).allSatisfy { stable[Int($0.key)] > $0.value } }
        }
    }
}
