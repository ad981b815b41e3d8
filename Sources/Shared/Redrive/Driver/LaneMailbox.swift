import Dispatch
import Kafka
import Synchronization

/// What the run's thread and a lane's thread tell each other. Any thread.
final class LaneMailbox: Sendable {
    enum Order: Sendable {
        case assign([(start: PartitionStart, end: Int64?)], epoch: UInt64, GroupMetadata)
        case release
        case stop
        /// The run is over; the lane's thread ends.
        case quit
    }

    /// Where a lane stands.
    enum Status: Sendable {
        case working
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
    private let ordered = DispatchSemaphore(value: 0)
    private let reported = DispatchSemaphore(value: 0)

    /// Leaves an order for the lane. Bounded: the run waits for the answer to each before it gives the next.
    func give(_ order: Order) {
        state.withLock { state in
            state.orders.append(order)
            if case .assign = order { state.status = .working }
        }
        ordered.signal()
    }

    func takeOrders() -> [Order] {
        state.withLock { state in
            defer { state.orders = [] }
            return state.orders
        }
    }

    /// Waits for an order, at most so long.
    func wait(milliseconds: Int) {
        _ = ordered.wait(timeout: .now() + .milliseconds(milliseconds))
    }

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
