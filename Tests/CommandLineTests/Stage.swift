import HTTPClient
import Kafka
import Lifecycle
import SchemaRegistry
import Synchronization
import TestSupport
import Testing

/// Brokers and a registry that the built program is run against.
final class Stage: Sendable {
    enum Kind: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case mockServices
        case apacheKafka

        var testDescription: String { rawValue }
        /// Those that are to be had; that Kafka must be, other suites say.
        static var available: [Kind] { ServiceHome.kafka.path == nil ? [.mockServices] : allCases }
    }

    let kind: Kind
    let brokers: String
    let registry: String
    /// By subject: the ids of the schemas.
    let points: Int32
    let customers: Int32
    private let services: ChildProcess

    private static let stages = Mutex<[Kind: Task<Stage, any Error>]>([:])

    /// The one stage of its kind that the tests of this process share.
    static func shared(_ kind: Kind) async throws -> Stage {
        let task = stages.withLock { stages in
            let task = stages[kind] ?? Task { try await Stage(kind) }
            stages[kind] = task
            return task
        }
        return try await task.value
    }

    private init(_ kind: Kind) async throws {
        self.kind = kind
        services = try ChildProcess([try ProcessRunner.builtBinary("mock-services"), "--exit-with-parent"])
        let lines = try await services.waitForOutput { $0.contains("READY") }.split(separator: "\n")
        func value(_ name: String) throws -> String {
            let line = try #require(lines.first { $0.hasPrefix("\(name)=") })
            return String(line.dropFirst(name.count + 1))
        }
        registry = try value("SCHEMA_REGISTRY_URL")
        brokers =
            kind == .mockServices
            ? try value("KAFKA_BROKER") : try await ScratchKafka.shared().bootstrapServers
        let client = SchemaRegistryClient(SchemaRegistryConfiguration(baseURL: try HTTPURL(registry)))
        func register(_ subject: String) async throws -> Int32 {
            let schema = try readText("\(ServiceHome.packageRoot)/schemas/\(subject).avsc")
            return try await client.register(subject: "\(subject)-value", schema: schema)
        }
        points = try await register("points.earned")
        customers = try await register("customer.updated")
    }

    var kafka: KafkaConfiguration { KafkaConfiguration(bootstrapServers: brokers, clientID: "tests") }

    /// A topic of this test alone: one partition on Kafka, four on the mock, of which the tests use the first.
    func topic(_ label: String, settings: [String: String] = [:]) async throws -> String {
        guard kind == .apacheKafka else { return uniqueName(label) }
        return try await ScratchKafka.shared().createTopic(label, settings: settings)
    }

    /// Publishes records in order; all of them are there when it returns.
    func publish(_ records: [OutgoingRecord], to topic: String) async throws {
        try await Letters.publish(records, to: topic, on: brokers)
    }

    /// Flags that every command needs here: where the brokers are, and topics that no other test touches.
    func flags(_ topic: String, decodes: Bool = true) -> [String] {
        [
            "-b", brokers, "--topic", topic, "--replay-topic", "\(topic).replay", "--parked-topic", "\(topic).parked",
            "--progress-topic", "\(topic).progress",
        ] + (decodes ? ["--schema-registry", registry] : ["--no-decode"])
    }

    /// The topics beside `topic` that a drain needs; only for Kafka.
    func createCompanions(of topic: String) async throws {
        let result = try await Program.run([
            "topics", "-b", brokers, "--topic", topic, "--replay-topic", "\(topic).replay", "--parked-topic",
            "\(topic).parked", "--progress-topic", "\(topic).progress", "--runs-topic", "\(topic).runs", "--create",
            "--yes", "--partitions", "1",
        ])
        #expect(result.exitCode == 0, "\(result.errors)")
    }
}
