import Dispatch
import Kafka
import Lifecycle

/// A lane as its run sees it: a thread that takes orders.
final class LaneHandle: Sendable {
    let queue: RecordQueue
    private let mailbox = LaneMailbox()
    private let executor: BlockingExecutor
    private let ended = DispatchSemaphore(value: 0)

    init(
        index: Int, settings: RedriveSettings, consumer: KafkaConsumer, queue: RecordQueue, store: ProgressStore,
        pacer: RunPacer, statistics: RunStatistics, makeProcessor: @escaping @Sendable () throws -> any RecordProcessor
    ) {
        self.queue = queue
        executor = BlockingExecutor(name: "lane-\(index)")
        let (mailbox, ended) = (mailbox, ended)
        Task(executorPreference: executor) {
            do {
                let lane = try Lane(
                    index: index, settings: settings, consumer: consumer, queue: queue, store: store,
                    processor: try makeProcessor(), pacer: pacer, mailbox: mailbox, statistics: statistics)
                await lane.run()
            } catch {
                mailbox.report(.failed(.decision(error)))
            }
            ended.signal()
        }
    }

    func give(_ order: LaneMailbox.Order) {
        mailbox.give(order)
        queue.wakeUp()
    }

    var status: LaneMailbox.Status { mailbox.status }

    var needsAssignment: Bool {
        if case .needsAssignment = mailbox.status { true } else { false }
    }

    /// Waits until the lane has reported something, at most so long.
    func waitForReport(milliseconds: Int) { mailbox.waitForReport(milliseconds: milliseconds) }

    /// Waits until a lane that was told to stop has committed what it had in hand, or cannot.
    func waitUntilSettled(seconds: Double) {
        let deadline = MonotonicInstant.now().advanced(bySeconds: seconds)
        while MonotonicInstant.now() < deadline {
            switch mailbox.status {
            case .finished, .failed, .released: return
            case .working, .needsAssignment: mailbox.waitForReport(milliseconds: 20)
            }
        }
    }

    /// Whether the lane's thread has come to its end in time.
    func waitForEnd(timeout: DispatchTimeInterval) -> Bool {
        let inTime = ended.wait(timeout: .now() + timeout) == .success
        if inTime { executor.shutdown() }
        return inTime
    }
}
