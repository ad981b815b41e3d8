import Kafka
import Testing

/// Properties are checked when a client is made; no broker is needed.
@Suite struct ConfigurationTests {
    private func consumerError(_ properties: [(String, String)], group: String? = "g") -> KafkaError? {
        let configuration = KafkaConfiguration(
            bootstrapServers: "127.0.0.1:1", clientID: "test",
            properties: properties.map { KafkaConfiguration.Property($0.0, $0.1) })
        do throws(KafkaError) {
            _ = try KafkaConsumer(configuration, group: group, isolation: .readCommitted)
            return nil
        } catch {
            return error
        }
    }

    private func producerError(_ properties: [(String, String)]) -> KafkaError? {
        let configuration = KafkaConfiguration(
            bootstrapServers: "127.0.0.1:1", clientID: "test",
            properties: properties.map { KafkaConfiguration.Property($0.0, $0.1) })
        do throws(KafkaError) {
            _ = try KafkaProducer(configuration, transactionalID: "t")
            return nil
        } catch {
            return error
        }
    }

    @Test func unknownPropertyIsNamedWithTheReason() throws {
        let error = try #require(consumerError([("no.such.property", "1")]))
        #expect(error.kind == .configuration)
        #expect(error.reason.contains("no.such.property"))
        #expect(error.reason.contains("No such configuration property"))
    }

    @Test func valueOutOfRangeIsRefused() throws {
        let error = try #require(consumerError([("fetch.wait.max.ms", "-5")]))
        #expect(error.kind == .configuration)
        #expect(error.reason.contains("fetch.wait.max.ms"))
    }

    @Test(arguments: [
        ("partition.assignment.strategy", "cooperative-sticky"), ("enable.auto.commit", "true"),
        ("auto.commit.enable", "true"), ("enable.auto.offset.store", "true"), ("isolation.level", "read_uncommitted"),
        ("auto.offset.reset", "earliest"), ("group.id", "other"), ("bootstrap.servers", "elsewhere:9092"),
        ("metadata.broker.list", "elsewhere:9092"), ("allow.auto.create.topics", "true"),
        ("enable.partition.eof", "false"),
    ])
    func consumerPropertyThatWouldBreakExactlyOnceIsRefused(property: (String, String)) throws {
        let error = try #require(consumerError([property]))
        #expect(error.kind == .configuration)
        #expect(error.reason.contains(property.0))
    }

    @Test(arguments: [
        ("enable.idempotence", "false"), ("acks", "1"), ("request.required.acks", "0"), ("transactional.id", "x"),
        ("partitioner", "random"), ("transaction.timeout.ms", "900000"),
    ])
    func producerPropertyThatWouldBreakExactlyOnceIsRefused(property: (String, String)) throws {
        let error = try #require(producerError([property]))
        #expect(error.kind == .configuration)
        #expect(error.reason.contains(property.0))
    }

    @Test func propertyThatSaysWhatIsNeededAnywayIsTaken() {
        #expect(consumerError([("enable.auto.commit", "false"), ("isolation.level", "read_committed")]) == nil)
        #expect(producerError([("acks", "-1"), ("enable.idempotence", "true")]) == nil)
    }

    @Test func propertiesOfTheOtherRoleAreTaken() {
        #expect(consumerError([("linger.ms", "20")]) == nil)
        #expect(producerError([("fetch.min.bytes", "1")]) == nil)
    }

    @Test func secretNeverStandsInAnErrorOrDescription() throws {
        let secret = "hunter2hunter2"
        let error = try #require(consumerError([("ssl.key.pem", secret), ("security.protocol", "ssl")]))
        #expect(error.kind == .configuration)
        #expect(!error.description.contains(secret))
        let configuration = KafkaConfiguration(
            bootstrapServers: "b:1", clientID: "c",
            properties: [.init("sasl.password", secret), .init("linger.ms", "7")])
        #expect(!configuration.description.contains(secret))
        #expect(configuration.description.contains("linger.ms=7"))
    }

    @Test func propertiesThatContradictEachOtherAreRefused() throws {
        let error = try #require(consumerError([("session.timeout.ms", "600000")]))
        #expect(error.kind == .configuration)
        #expect(error.reason.contains("session.timeout.ms"))
    }
}
