import CommandLine
import Kafka
import Lifecycle
import Redis
import RedisKit
import ToolKit
import Translations

/// Redis and Kafka as the options name them. Lives on the finisher's thread.
final class ConnectedCaches: TranslationCaches {
    /// What is checked before anything is deleted, and is the same on every thread.
    struct Parts: Sendable {
        let publisher: InvalidationPublisher
        let redis: RedisConfiguration
        let keyStyle: KeyStyleChoice
        let grace: StopGrace

        /// Connects to Kafka, the registry and Redis.
        /// - Throws: `Refusal`, `KafkaError`, `SchemaRegistryError`: what is away, missing or not allowed.
        static func open(_ options: CleanupOptions, _ stop: StopFlag) async throws -> Parts {
            guard let kafka = options.caches.kafka, let registry = options.caches.registry,
                let redis = options.caches.redis.caches
            else { throw Refusal(.usage, "Redis, Kafka and the schema registry are needed to tell the caches") }
            do throws(RedisError) {
                try RedisSession(redis, isStopped: { stop.isSet }).close()
            } catch {
                throw Refusal(redis: error)
            }
            let publisher = try await InvalidationPublisher.open(
                kafka, topic: options.caches.topic, registry: registry, patience: options.wait)
            return Parts(
                publisher: publisher, redis: redis, keyStyle: options.caches.redis.keyStyle, grace: StopGrace(stop))
        }
    }

    private let parts: Parts
    private var session: RedisSession?

    init(_ parts: Parts) { self.parts = parts }

    func unlink(_ translations: [CachedTranslation]) throws {
        do throws(RedisError) {
            let session = try connected()
            let isCluster = session.isCluster
            let style = parts.keyStyle.style(isCluster: isCluster)
            let commands = CachedTranslation.invalidation(of: translations, inCluster: isCluster, style: style)
            for result in try session.run(pipeline: commands) { _ = try result.get() }
        } catch {
            throw CacheError(ExitCode(error), "Redis: \(error)", isRetriable: error.isRetriable)
        }
    }

    func publish(_ groups: [TranslationGroup]) throws { try parts.publisher.publish(groups) }

    private func connected() throws(RedisError) -> RedisSession {
        if let session { return session }
        let grace = parts.grace
        let session = try RedisSession(parts.redis, isStopped: { grace.isOver })
        self.session = session
        return session
    }
}
