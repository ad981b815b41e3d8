import Kafka
import Lifecycle
import Pacing

/// One lane's driver: does what its machine asks for, on a thread of its own.
///
/// A source partition belongs to one lane and a lane has a producer of its own, so one lane fills its transaction
/// while another commits, and no partition is reordered.
final class Lane {
    let index: Int
    let settings: RedriveSettings
    let mailbox: LaneMailbox
    let statistics: RunStatistics
    let consumer: KafkaConsumer
    let queue: RecordQueue
    let store: ProgressStore
    let processor: any RecordProcessor
    let pacer: RunPacer
    var machine: LaneMachine
    var publisher: Publisher?
    let batch = RecordBatch(capacity: 5_000)
    /// The next record of `batch` to be offered.
    var cursor = 0
    /// What was decided of the record at `cursor`, which waits for its time; nil where it was not judged.
    var judged: Verdict?
    /// By partition, the record of the batch that was published last; the next commit's witness.
    var lastPublished: [Int32: Int] = [:]
    /// The slots' bases of the batch's topics, by their place in it.
    var bases: [Int32] = []
    var membership: LaneMailbox.Assignment?
    var digest: RecordDigest
    var hasVerified = false
    let patience: Patience
    /// What the lane ends with, once what is in hand is committed.
    var ending: RedriveError?

    init(
        index: Int, settings: RedriveSettings, consumer: KafkaConsumer, queue: RecordQueue, store: ProgressStore,
        processor: any RecordProcessor, pacer: RunPacer, mailbox: LaneMailbox, statistics: RunStatistics
    ) throws {
        self.index = index
        self.settings = settings
        self.consumer = consumer
        self.queue = queue
        self.store = store
        self.processor = processor
        self.pacer = pacer
        patience = Patience(settings.patience)
        self.mailbox = mailbox
        self.statistics = statistics
        machine = LaneMachine(settings.laneConfiguration)
        digest = try RecordDigest()
        pacer.enter(index) { mailbox.wakeUp() }
    }

    /// Works until told to quit; to be called on the lane's blocking executor.
    func run() async {
        do {
            while try await !takeOrders() {
                try await perform(machine.next(now: Self.now()))
            }
            // Told to quit in the middle, because the run has failed elsewhere: readers must not wait for a time-out.
            if machine.pendingRecords > 0 { abortQuietly() }
        } catch {
            mailbox.report(.failed(error))
            abortQuietly()
        }
        pacer.pass(index)
        // What was in hand is not done.
        if let remaining = machine.settledRemaining {
            statistics.update(lane: index, tally: machine.tally, remaining: remaining)
        }
        batch.reset()
        _ = publisher?.close(timeout: .seconds(5))
        publisher = nil
    }

    static func now() -> UInt64 { UInt64(MonotonicInstant.now().nanoseconds) }

    /// - Returns: whether to quit.
    private func takeOrders() async throws(RedriveError) -> Bool {
        let orders = mailbox.takeOrders()
        // What an order ends may be committed next.
        if !orders.isEmpty { noteWitnesses() }
        for order in orders {
            switch order {
            case .assign(let assignment):
                dropBuffer()
                membership = assignment
                machine.assign(assignment.partitions, epoch: assignment.epoch)
            case .release: machine.release()
            case .stop: machine.stop()
            case .pause(let isPaused): machine.pause(isPaused)
            case .budget(let budget): machine.setBudget(budget)
            case .quit: return true
            }
        }
        return false
    }

    private func perform(_ step: LaneStep) async throws(RedriveError) {
        if case .fetch = step {} else { pacer.pass(index) }
        switch step {
        case .idle: mailbox.wait(milliseconds: 100)
        case .openProducer: try openProducer()
        case .load(let partitions): try load(partitions)
        case .begin:
            try transact { publisher throws(KafkaError) in
                try publisher.producer.beginTransaction()
            } then: {
                $0.began()
            }
        case .fetch(let until): try await fetch(until: until)
        case .commit(let commit): try self.commit(commit)
        case .abort: try abort()
        case .released:
            dropBuffer()
            mailbox.report(.released)
        case .finished(let outcome):
            if let ending { throw ending }
            // What needed no commit counts only now.
            statistics.update(lane: index, tally: machine.tally, remaining: machine.settledRemaining)
            mailbox.report(.finished(outcome))
            mailbox.wait(milliseconds: 100)
        case .failed(let failure): throw .lane(failure.located(in: settings.sources))
        }
    }
}
