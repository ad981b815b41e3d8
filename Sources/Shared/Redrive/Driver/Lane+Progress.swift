import Kafka

/// Reading again what is done, and going back to what is not.
extension Lane {
    func load(_ partitions: [Int32]) throws(RedriveError) {
        dropBuffer()
        do {
            try processor.afterLoss()
        } catch {
            throw RedriveError(error, settings: settings)
        }
        let starts = try store.load(partitions, patience)
        machine.loaded(starts)
        // All of them: with the buffer went records of partitions that were not loaded anew, and a gap where they were
        // would pass for done.
        let positions = machine.positions
        do throws(KafkaError) {
            try consumer.seek(
                positions.map { partition, offset in
                    PartitionOffset(settings.sources.place(of: partition), offset: offset)
                }, timeout: settings.patience)
        } catch {
            // A partition that librdkafka does not fetch cannot be sought: one that was taken away meanwhile (the rebalance
            // that says so is under way), or that retention has overtaken.
            if error.kind != .other && error.kind != .unknownTopic && error.kind != .fenced { throw .kafka(error) }
            mailbox.report(.needsAssignment)
        }
    }
}
