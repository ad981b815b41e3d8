import CommandLine
import Kafka
import RedisKit
import SchemaRegistry
import ToolKit

/// The flags about caches, and how to reach Kafka and the registry.
enum CacheFlags {
    private static let schemaRegistry = Flag.schemaRegistry.with(
        help: "Schema registry, which knows the schema of cache.invalidate")
    static let all: [Flag] =
        Flag.redisCaches + [
            Flags.topic, Flags.noCache, Flags.requireCache, .bootstrapServers, .properties, schemaRegistry,
        ]
        + [RedriveFlags.registryCA, RedriveFlags.registryUser, RedriveFlags.registryPassword]
}

/// How the caches are told; nil parts only after mistakes or with `--no-cache`.
struct CacheOptions: Sendable {
    let isOff: Bool
    let isRequired: Bool
    let topic: String
    let redis: RedisOptions
    let kafka: KafkaConfiguration?
    let registry: SchemaRegistryClient?

    init(_ reader: inout OptionReader, program: String, isDryRun: Bool) {
        isOff = reader.toggle(Flags.noCache)
        isRequired = reader.toggle(Flags.requireCache)
        topic = reader.topic(Flags.topic)
        reader.exclusive([Flags.noCache, Flags.requireCache], because: "one says that no cache is told")
        let isNeeded = !isOff && !isDryRun
        redis = RedisOptions(
            &reader, program: program, neededBecause: isNeeded ? "to tell the caches (or say --no-cache)" : nil)
        guard isNeeded else {
            (kafka, registry) = (nil, nil)
            return
        }
        kafka = ConnectionOptions(&reader, program: program).kafka
        registry =
            RegistryOptions(
                &reader,
                need: "is needed to tell the caches: give its URL, or set SCHEMA_REGISTRY_URL, or say --no-cache"
            ).client
    }
}
