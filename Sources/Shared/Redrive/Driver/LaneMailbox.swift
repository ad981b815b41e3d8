import Dispatch
import Kafka
import Lifecycle
import Synchronization

/// What the run's thread and a lane's thread tell each other. Any thread.
final class LaneMailbox: Sendable {
    /// What a lane takes over.
    struct Assignment: Sendable {
        let partitions: [(start: PartitionStart, end: Int64?)]
        let epoch: UInt64
        /// The membership that travels with every commit of this assignment.
        let metadata: GroupMetadata
    }

    enum Order: Sendable {
        case assign(Assignment)
        case release
        case stop
        /// Wait with no transaction open, or go on.
        case pause(Bool)
        /// How large transactions are from now on.
        case budget(TransactionBudget)
        /// The run is over; the lane's thread ends.
        case quit
    }

    /// Where a lane stands.
    enum Status: Sendable {
        case working
        /// Retention has overtaken a partition, or it is fetched no more for another reason: assign all anew.
        case needsAssignment
        /// It holds nothing: the rebalance may be answered.
        case released
        case finished(LaneOutcome)
        case failed(RedriveError)
    }

    private struct State: Sendable {
        var orders: [Order] = []
        var status = Status.released
    }

    private let state = Mutex(State())
    private let ordered = Semaphore()
    private let reported = DispatchSemaphore(value: 0)

    /// Leaves an order for the lane. Bounded: the run waits for the answer to each before it gives the next.
    func give(_ order: Order) {
        state.withLock { state in
            // A lane that has failed has ended: what it reported stays, or the run would wait for it for ever.
            if case .failed = state.status { return }
            state.orders.append(order)
            if case .assign = order { state.status = .working }
        }
        ordered.post()
    }

    func takeOrders() -> [Order] {
        state.withLock { state in
            defer { state.orders = [] }
            return state.orders
        }
    }

    /// Ends the lane's present wait, or the next one.
    func wakeUp() { ordered.post() }

    /// Waits for an order, at most so long.
    func wait(milliseconds: Int) { wait(until: .now().advanced(by: Int64(milliseconds) * 1_000_000)) }

    /// Waits for an order, or until then.
    func wait(until deadline: MonotonicInstant) { _ = ordered.wait(until: deadline) }

    /// Waits for a report, at most so long.
    func waitForReport(milliseconds: Int) {
        _ = reported.wait(timeout: .now() + .milliseconds(milliseconds))
    }

    func report(_ status: Status) {
        state.withLock { $0.status = status }
        reported.signal()
    }

    var status: Status { state.withLock(\.status) }
}
