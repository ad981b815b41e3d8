import CommandLine
import Kafka
import SchemaRegistry
import ToolKit

/// The flags about caches, and how to reach Kafka and the registry.
enum CacheFlags {
    static let all: [Flag] =
        [Flags.topic, Flags.noCache, Flags.requireCache, .bootstrapServers, .properties, .schemaRegistry]
        + [RedriveFlags.registryCA, RedriveFlags.registryUser, RedriveFlags.registryPassword]
}

/// How the caches are told; nil parts only after mistakes or with `--no-cache`.
struct CacheOptions: Sendable {
    let isOff: Bool
    let isRequired: Bool
    let topic: String
    let kafka: KafkaConfiguration?
    let registry: SchemaRegistryClient?

    init(_ reader: inout OptionReader, program: String, isDryRun: Bool) {
        isOff = reader.toggle(Flags.noCache)
        isRequired = reader.toggle(Flags.requireCache)
        topic = reader.topic(Flags.topic)
        reader.exclusive([Flags.noCache, Flags.requireCache], because: "one says that no cache is told")
        guard !isOff, !isDryRun else {
            (kafka, registry) = (nil, nil)
            return
        }
        kafka = ConnectionOptions(&reader, program: program).kafka
        registry = RegistryOptions(&reader).client
    }
}
