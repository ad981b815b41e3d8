package import CommandLine
import Configuration
package import Kafka
package import SchemaRegistry

/// How to reach Kafka: the same for every command.
package struct ConnectionOptions: Sendable {
    /// How every client of the program is made.
    package var kafka: KafkaConfiguration
    /// `--expect-cluster-id`.
    package let expectedClusterID: String?

    /// Reads the flags, noting every mistake in `reader`.
    ///
    /// - Parameter program: the client id by which brokers know the program.
    package init(_ reader: inout OptionReader, program: String) {
        let brokers = reader.hostPorts(.bootstrapServers, defaultPort: 9092)
        let properties = reader.kafkaProperties(reserved: [
            "bootstrap.servers": "give --bootstrap-servers",
            "group.id": "give --group",
        ])
        kafka = KafkaConfiguration(
            bootstrapServers: brokers.map(\.description).joined(separator: ","), clientID: program,
            properties: properties.properties.map { .init($0.name, $0.value.reveal()) })
        let knowsCluster = reader.command.flags.contains { $0.long == Flag.expectClusterID.long }
        expectedClusterID = knowsCluster ? reader.optionalText(.expectClusterID) : nil
    }
}

/// How bodies are decoded: by a schema registry, or not at all because `--no-decode` says so.
package struct DecodingOptions: Sendable {
    /// Nil where bodies are not decoded.
    package let registry: SchemaRegistryClient?
    /// Whether bodies are decoded, or would be if the call were right.
    package let decodes: Bool

    /// - Parameter isNeeded: whether the command cannot do without one of the two.
    package init(_ reader: inout OptionReader, isNeeded: Bool) {
        decodes = !reader.toggle(RedriveFlags.noDecode)
        registry =
            RegistryOptions(
                &reader, isUsed: decodes,
                need: isNeeded
                    ? "is needed to decode records: give its URL, or set SCHEMA_REGISTRY_URL, or say --no-decode" : nil
            ).client
    }
}
