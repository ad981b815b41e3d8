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
        return options
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
            if id != nil { try producer.initTransactions(timeout: settings.patience) }
            publisher = Publisher(producer)
        } catch {
            throw .kafka(error)
        }
        machine.producerOpened()
    }
}
