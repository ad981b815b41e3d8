import CRdKafka
import Dispatch
import Synchronization

extension KafkaConsumer {
    /// Leaves the group, so that its partitions go to others at once, and destroys the client. Every other call from
    /// then on throws an error of kind `.closed`. Rebalances that come meanwhile are answered by giving up everything:
    /// finish the transaction in hand before.
    ///
    /// - Returns: false where librdkafka did not end by the deadline (it may hang for 40 s when no broker answers): the
    ///   client is then abandoned, and the process should leave by `_exit`. A batch that still holds records keeps the
    ///   client alive until it is reset, which is no failure.
    @discardableResult
    package func close(timeout: Duration) -> Bool {
        let deadline = Deadline(after: timeout)
        let (wasClosed, isSubscribed) = state.withLock { state in
            defer { state.isClosed = true }
            return (state.isClosed, state.isSubscribed)
        }
        if wasClosed { return true }
        // A consumer that never joined has nothing to leave.
        if isSubscribed, !leaveGroup(by: deadline) {
            leak()
            return false
        }
        guard let destroyed = abandonAssignment() else { return true }
        // Destruction may hang, so the last references go on a thread of their own.
        DispatchQueue(label: "kafka.destroy").async { [self] in
            let last = takeResources()
            _ = consume last
        }
        return destroyed.wait(timeout: .now() + .milliseconds(Int(deadline.milliseconds()))) == .success
    }

    /// Only this and calls that are still under way hold the client from here on; what signals its end, or nil where a
    /// batch will end it.
    private func abandonAssignment() -> DispatchSemaphore? {
        guard let client = state.withLock({ $0.resources?.client }) else { return nil }
        rd_kafka_assign(client.raw, nil)
        guard client.batches.load(ordering: .acquiring) > 0 else { return client.destroyed }
        _ = takeResources()
        return nil
    }

    /// Keeps a client that hangs for ever, since letting go of it would hang too.
    private func leak() {
        guard let client = state.withLock({ $0.resources?.client }) else { return }
        _ = Unmanaged.passRetained(client)
    }

    private func takeResources() -> Resources? {
        state.withLock { state in
            defer { state.resources = nil }
            return state.resources
        }
    }

    private func leaveGroup(by deadline: Deadline) -> Bool {
        guard let client = state.withLock({ $0.resources?.client }) else { return true }
        let queue = QueueHandle(of: client)
        if let error = KafkaError(.close, consuming: rd_kafka_consumer_close_queue(client.raw, queue.raw)) {
            // A fatal error has made the consumer leave already.
            return error.isFatal
        }
        // A rebalance that was polled and never answered would be waited for.
        rd_kafka_assign(client.raw, nil)
        while rd_kafka_consumer_closed(client.raw) == 0 {
            guard !deadline.isPast else { return false }
            guard let event = NativeEvent(from: queue, milliseconds: deadline.milliseconds(atMost: 50)) else {
                continue
            }
            if event.type == Int32(RD_KAFKA_EVENT_REBALANCE) { rd_kafka_assign(client.raw, nil) }
        }
        return true
    }
}
