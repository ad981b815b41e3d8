import Kafka
import RedriveProofs
import TestSupport
import Testing

@Suite("Dead letters without a body", ScratchKafka.requirement, .timeLimit(.minutes(5)))
struct MissingBodyTests {
    /// So many that to fetch them takes longer than a transaction may be open.
    @Test("1,500 bodies are fetched from their origin, and each record is redriven once")
    func fetched() async throws {
        let count = 1_500
        let origin = RedriveTopics("bodies-origin", partitions: 1)
        let trial = try await Trial("bodies", partitions: 1, records: 0, capacity: count)
        try await origin.createSource(on: trial.kafka)
        try await trial.seeder.fill(origin.source, partitions: 0..<1, records: 0..<count)
        let source = trial.topics.source
        try await trial.blocking { configuration in
            let producer = try KafkaProducer(configuration, transactionalID: nil)
            do {
                let topic = try producer.topic(source)
                for index in 0..<count {
                    var letter = ProofRecord(partition: 0, index: Int32(index)).outgoing()
                    letter.value = nil
                    letter.headers = letter.headers.map { name, value in
                        name == HeaderName("__dlq.errors.topic") ? (name, Array(origin.source.utf8)) : (name, value)
                    }
                    try topic.send(letter)
                }
            }
            try producer.flush(timeout: .seconds(30))
            producer.close(timeout: .seconds(10))
        }
        let preview = try await trial.drain(run: "preview", options: ["--dry-run", "--limit", "50"])
        #expect(preview.count("redriven") == 50 && preview.count("parked") == 0, "\(preview.account)")
        let result = try await trial.drain(run: "fetch", deadline: 200)
        #expect(result.exitCode == 0, "\(result.account)")
        await trial.expectEachOnce(count: count)
    }
}
