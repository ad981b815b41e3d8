import CommandLine
import Configuration
import HTTPClient
import Kafka
import SchemaRegistry

/// How to reach Kafka: the same for every command.
struct ConnectionOptions: Sendable {
    var kafka: KafkaConfiguration
    let expectedClusterID: String?

    init(_ reader: inout OptionReader) {
        let brokers = reader.hostPorts(.bootstrapServers, defaultPort: 9092)
        let properties = reader.kafkaProperties(reserved: [
            "bootstrap.servers": "give --bootstrap-servers",
            "group.id": "give --group",
        ])
        kafka = KafkaConfiguration(
            bootstrapServers: brokers.map(\.description).joined(separator: ","), clientID: "reprocess-dlq",
            properties: properties.properties.map { .init($0.name, $0.value.reveal()) })
        let knowsCluster = reader.command.flags.contains { $0.long == Flag.expectClusterID.long }
        expectedClusterID = knowsCluster ? reader.optionalText(.expectClusterID) : nil
    }
}

/// How bodies are decoded: by a schema registry, or not at all because `--no-decode` says so.
struct DecodingOptions: Sendable {
    let registry: SchemaRegistryClient?
    /// Whether bodies are decoded, or would be if the call were right.
    let decodes: Bool

    /// - Parameter isNeeded: whether the command cannot do without one of the two.
    init(_ reader: inout OptionReader, isNeeded: Bool) {
        let url = reader.optionalText(.schemaRegistry)
        let isOff = reader.toggle(Flags.noDecode)
        let user = reader.optionalText(Flags.registryUser)
        let password = reader.secret(Flags.registryPassword)
        let ca = reader.optionalPath(Flags.registryCA)
        decodes = !isOff
        guard !isOff else {
            registry = nil
            return
        }
        guard let url else {
            registry = nil
            if isNeeded {
                reader.report(
                    .schemaRegistry,
                    "is needed to decode records: give its URL, or set SCHEMA_REGISTRY_URL, or say --no-decode")
            }
            return
        }
        do throws(HTTPError) {
            var http = HTTPClientConfiguration()
            http.tls = HTTPClientConfiguration.TLS(caFile: ca)
            if let user { http.credentials = try .basic(user: user, password: password?.reveal() ?? "") }
            registry = SchemaRegistryClient(SchemaRegistryConfiguration(baseURL: try HTTPURL(url), http: http))
        } catch {
            registry = nil
            reader.report(.schemaRegistry, "\(error)")
        }
    }
}
