import EventLoop
import Kafka
import Lifecycle
import Postgres
import SchemaRegistry

/// What must be known before the server is ready: the database's migrations, and the ids of the schemas of what it
/// produces. A dependency that is away is asked again until it answers; the server waits and says so.
final class StartupChecks {
    private static let migration = (number: Int64(7), name: "purge_requests")

    private unowned let context: ServerContext
    private var timer: LoopTimer?
    private var pause = Backoff(firstMilliseconds: 200, longestMilliseconds: 5_000)
    private var hasDatabase = false
    private var isAskingDatabase = false
    private var isAskingRegistry = false
    private var isAskingKafka = false
    private var knowsTopics = false

    static func add(to context: ServerContext) throws {
        let checks = StartupChecks(context)
        context.board.expect("postgres", "its migrations")
        context.board.expect("schema-registry", "the ids of the schemas")
        let timer = try LoopTimer(context.loop) { checks.advance() }
        checks.timer = timer
        timer.start(afterNanoseconds: 0)
        context.onShutdown(.intake) { done in
            timer.cancel()
            checks.timer = nil
            done()
        }
        let watch = try DependencyWatch(context)
        context.onShutdown(.intake) { done in
            watch.stop()
            done()
        }
    }

    private init(_ context: ServerContext) { self.context = context }

    private func advance() {
        if !hasDatabase, !isAskingDatabase { askDatabase() }
        if context.schemas == nil, !isAskingRegistry { askRegistry() }
        if !knowsTopics, !isAskingKafka { askKafka() }
        if hasDatabase, context.schemas != nil, knowsTopics { return }
        timer?.start(afterNanoseconds: pause.failed())
    }

    private func askDatabase() {
        isAskingDatabase = true
        let question = PostgresQuery("SELECT coalesce(max(number), 0)::bigint FROM schema_migrations")
        context.postgres.run([question]) { [self] answer in
            isAskingDatabase = false
            let advice = "apply the migrations: gamification-server migrate"
            let needed = "migration \(Self.migration.number) (\(Self.migration.name)) is needed"
            switch answer {
            case .success(let results):
                let last = results.first?.binaryInteger(0, 0) ?? 0
                guard last >= Self.migration.number else {
                    return context.board.expect(
                        "postgres", "the database is at migration \(last); \(needed): \(advice)")
                }
                hasDatabase = true
                context.board.passed("postgres")
            case .failure(let error) where error.kind == .missingObject:
                context.board.expect("postgres", "the database has no migrations; \(needed): \(advice)")
            case .failure(let error):
                context.board.expect("postgres", "\(error)")
            }
        }
    }

    private func askRegistry() {
        guard let registry = context.options.registry else { return }
        isAskingRegistry = true
        context.background.run({ () async -> Result<ProducedSchemas, SchemaRegistryError> in
            do throws(SchemaRegistryError) {
                return .success(try await ProducedSchemas.register(registry))
            } catch {
                return .failure(error)
            }
        }) { [self] answer in
            isAskingRegistry = false
            switch answer {
            case .success(let schemas):
                context.schemas = schemas
                context.board.passed("schema-registry")
            case .failure(let error): context.board.expect("schema-registry", "\(error)")
            }
        }
    }

    /// A missing topic degrades: it may be created at any time, and awards wait for it in the database.
    private func askKafka() {
        isAskingKafka = true
        let kafka = context.options.kafka
        context.background.runBlocking(
            "kafka-check",
            { () -> Result<[String], KafkaError> in
                do throws(KafkaError) {
                    let reader = try KafkaConsumer(kafka, group: nil, isolation: .readCommitted)
                    defer { reader.close(timeout: .seconds(2)) }
                    var missing: [String] = []
                    for schema in ProducedSchemas.all {
                        do throws(KafkaError) {
                            _ = try reader.partitionCount(of: schema.topic, timeout: .seconds(5))
                        } catch {
                            guard error.kind == .unknownTopic else { throw error }
                            missing.append(schema.topic)
                        }
                    }
                    return .success(missing)
                } catch {
                    return .failure(error)
                }
            }
        ) { [self] answer in
            isAskingKafka = false
            switch answer {
            case .success(let missing) where missing.isEmpty:
                knowsTopics = true
                context.board.set("topics", nil)
            case .success(let missing):
                context.board.set(
                    "topics",
                    "\(missing.joined(separator: ", ")): no such topic, and nothing here creates topics: make it")
            case .failure(let error): context.board.set("topics", "\(error)")
            }
        }
    }
}
