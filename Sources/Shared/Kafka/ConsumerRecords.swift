import CRdKafka

extension KafkaConsumer {
    /// Takes the records that are there, at most the batch's capacity, after giving up what the batch held. Where there
    /// are none it waits up to `timeout` for the first, and returns early when an event is there or `wakeUp` is called.
    ///
    /// - Returns: the number of entries, end-of-partition marks and partition errors among them.
    @discardableResult
    package func pollRecords(into batch: RecordBatch, timeout: Duration) throws(KafkaError) -> Int {
        batch.reset()
        let resources = try resources(.consume)
        // Without a time-out: with one, librdkafka waits until the batch is full.
        if batch.fill(from: resources.records, of: resources.client) > 0 || timeout <= .zero { return batch.count }
        let deadline = Deadline(after: timeout)
        repeat {
            wakeup.wait(milliseconds: deadline.milliseconds())
            if batch.fill(from: resources.records, of: resources.client) > 0 { break }
            if rd_kafka_queue_length(resources.events.raw) > 0 { break }
        } while !deadline.isPast && !wakeup.takeInterruption()
        return batch.count
    }
}
