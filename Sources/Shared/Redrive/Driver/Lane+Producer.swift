import Kafka

/// The producer of the lane.
extension Lane {
    /// Two lanes, the prefetch and this share the tool's 160 MiB; a record waiting for delivery costs librdkafka about
    /// a kilobyte beside its own bytes. A batch stays below what every destination takes, so that a broker that refuses
    /// one refuses a single record.
    private var producerOptions: ProducerOptions {
        var options = ProducerOptions()
        options.batchBytes = min(options.batchBytes, settings.maximumBatchBytes)
        options.queueKilobytes = 16 * 1024
        options.queueRecords = 12_000
        if settings.pace != .unlimited {
            // Nobody sees a record before its transaction commits, and the commit sends what is left: at a moderate rate
            // all of it in one request a broker, where every record would be one of its own.
            options.lingerMilliseconds = settings.pace.isModerate ? 250 : 20
        } else if let partitions = settings.destinationPartitions {
            fillBatches(&options, max(1, partitions))
        }
        return options
    }

    /// Has batches leave when they are full rather than after a time: a commit flushes whatever is left.
    ///
    /// An idempotent librdkafka has one batch of a partition under way, and its thread spins, asking the socket a million
    /// times a run, for as long as that partition's next batch is due but may not leave. By time every batch is due after
    /// milliseconds. With its part of the queue in each, the queue is full when all of them are under way. A queue that is
    /// full of batches that are not, because records go to more partitions than these, is flushed.
    private func fillBatches(_ options: inout ProducerOptions, _ partitions: Int) {
        options.lingerMilliseconds = 500
        options.batchRecords = max(1, options.queueRecords / partitions)
        options.batchBytes = max(1, min(options.batchBytes, options.queueKilobytes * 1024 / partitions))
    }

    func openProducer() throws(RedriveError) {
        if let old = publisher {
            _ = old.close(timeout: .seconds(5))
            publisher = nil
            statistics.change { $0.fencings += 1 }
        }
        do throws(KafkaError) {
            let id = settings.delivery == .exactlyOnce ? TransactionalID.make(settings, lane: index) : nil
            let producer = try KafkaProducer(settings.kafka, transactionalID: id, options: producerOptions)
            if id != nil {
                try patience.spend { timeout throws(KafkaError) in try producer.initTransactions(timeout: timeout) }
            }
            publisher = Publisher(producer)
        } catch {
            throw .kafka(error)
        }
        machine.producerOpened()
    }
}
