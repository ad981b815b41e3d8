import CRdKafka

/// A queue of records of its own for some of a consumer's partitions, so that several threads share one consumer: each
/// polls its own queue, and one that does not poll holds up nobody but its own partitions.
///
/// One thread at a time polls; `wakeUp` may be called from any. It must be let go before the consumer is closed.
package final class RecordQueue: Sendable {
    let handle: QueueHandle
    private let wakeup: WakeupDescriptor

    init(of client: ClientHandle, waking wakeup: WakeupDescriptor? = nil) throws(KafkaError) {
        if let wakeup { self.wakeup = wakeup } else { self.wakeup = try WakeupDescriptor() }
        handle = QueueHandle(of: client)
        self.wakeup.watch(handle)
    }

    /// As `KafkaConsumer.pollRecords`; returns early only for `wakeUp`.
    @discardableResult
    package func poll(into batch: RecordBatch, timeout: Duration) -> Int {
        batch.reset()
        if batch.fill(from: handle, of: handle.client) > 0 || timeout <= .zero { return batch.count }
        let deadline = Deadline(after: timeout)
        repeat {
            wakeup.wait(milliseconds: deadline.milliseconds())
            if batch.fill(from: handle, of: handle.client) > 0 { break }
        } while !deadline.isPast && !wakeup.takeInterruption()
        return batch.count
    }

    /// Ends the wait of a `poll` on another thread, or the next one.
    package func wakeUp() { wakeup.interrupt() }
}

extension KafkaConsumer {
    /// A queue to lead some of the partitions to, by `assign(_:to:)`.
    package func makeRecordQueue() throws(KafkaError) -> RecordQueue {
        try RecordQueue(of: resources(.consume).client)
    }

    /// As `makeRecordQueue`, for a thread that polls several: records that come to this queue, events, and `wakeUp` end
    /// the wait of `waitForSignal`. Such a queue is polled without a time-out only.
    package func makeSignallingQueue() throws(KafkaError) -> RecordQueue {
        try RecordQueue(of: resources(.consume).client, waking: wakeup)
    }

    /// Waits until something was signalled since the last wait: look at all queues afterwards, since each signals only
    /// when it stops being empty. Once the consumer is closed it returns after the time-out.
    package func waitForSignal(timeout: Duration) {
        wakeup.wait(milliseconds: Deadline(after: timeout).milliseconds())
        _ = wakeup.takeInterruption()
    }

    /// As `assign`, with each partition's records led to the queue given for it.
    package func assign(_ offsets: [(start: PartitionOffset, queue: RecordQueue)]) throws(KafkaError) {
        let resources = try resources(.assign)
        for entry in offsets { try forward(entry.start.partition, resources.client, to: entry.queue.handle) }
        try apply(offsets.map(\.start), resources)
    }
}
