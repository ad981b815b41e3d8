package import Kafka
import Lifecycle
package import TestSupport

/// A transaction that the test keeps open for as long as it likes.
package final class OpenTransaction: Sendable {
    private let producer: KafkaProducer
    private let executor = BlockingExecutor(name: "open-txn")

    /// Writes records and leaves the transaction open; they have reached the broker when this returns.
    package init(_ kafka: ScratchKafka, records: [(topic: String, record: OutgoingRecord)]) async throws {
        let configuration = KafkaConfiguration(bootstrapServers: kafka.bootstrapServers, clientID: "test")
        producer = try await executor.run {
            var options = ProducerOptions()
            options.transactionTimeoutMilliseconds = 300_000
            let producer = try KafkaProducer(
                configuration, transactionalID: uniqueName("open"), options: options)
            try producer.initTransactions(timeout: .seconds(30))
            try producer.beginTransaction()
            for (topic, record) in records { try producer.topic(topic).send(record) }
            try producer.flush(timeout: .seconds(30))
            return producer
        }
    }

    package func commit() async throws {
        let producer = producer
        try await executor.run {
            try producer.commitTransaction(timeout: .seconds(30))
            producer.close(timeout: .seconds(10))
        }
    }

    package func abort() async throws {
        let producer = producer
        try await executor.run {
            try producer.abortTransaction(timeout: .seconds(30))
            producer.close(timeout: .seconds(10))
        }
    }
}
