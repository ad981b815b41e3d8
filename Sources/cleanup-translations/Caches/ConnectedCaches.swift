import CommandLine
import Kafka
import ToolKit

/// Redis and Kafka as the options name them.
final class ConnectedCaches: TranslationCaches {
    private let publisher: InvalidationPublisher

    private init(publisher: InvalidationPublisher) { self.publisher = publisher }

    static func open(_ options: CleanupOptions) async throws -> ConnectedCaches {
        guard let kafka = options.caches.kafka, let registry = options.caches.registry else {
            throw Refusal(.usage, "Kafka and the schema registry are needed to tell the caches")
        }
        let publisher = try await InvalidationPublisher.open(
            kafka, topic: options.caches.topic, registry: registry, patience: options.wait)
        return ConnectedCaches(publisher: publisher)
    }

    func unlink(_ translations: [CachedTranslation]) throws {}

    func publish(_ groups: [GroupKey]) throws { try publisher.publish(groups) }
}
