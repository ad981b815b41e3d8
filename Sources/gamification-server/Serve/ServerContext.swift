import EventLoop
import GRPC
import Lifecycle
import Observability
import Redis
import RedisKit

/// What every part of the server shares: the loop, the backends, the two servers, metrics and log. It belongs to the loop's
/// thread.
///
/// A part registers itself in an extension of its own file: it takes what it needs from here, adds gRPC methods, HTTP
/// routes and metrics, and, where it must be told of a stop, a step by ``onShutdown(_:_:)``. See `Composition`.
final class ServerContext {
    /// When a part is told of a stop. Steps of one stage run at once, stages one after the other.
    enum ShutdownStage: Int, CaseIterable {
        /// Nothing new begins: consumers finish their batch, sweepers stop.
        case intake
        /// What is under way is finished: records acknowledged, offsets committed.
        case flush
        /// Connections go.
        case close
    }

    typealias ShutdownStep = (_ done: @escaping () -> Void) -> Void

    let options: ServeOptions
    let loop: EventLoop
    let log: Logger
    let metrics: ServerMetrics
    let board = DependencyBoard()
    /// Redis with the caches, and with what must not be evicted; one object where both are one server.
    let caches: LoopRedis
    let durable: LoopRedis
    let postgres: LoopPostgres
    let kafka: LoopProducer
    let resolver: AddressResolver
    let grpc: GRPCServer
    let http: HTTPServer
    /// Set by the start-up checks before the server is ready.
    var schemas: ProducedSchemas?
    /// Set by `Composition` before the loop runs.
    var awards: (any AwardPath)?
    /// For what the loop has no way of its own.
    let background: BackgroundWork

    private var steps: [(ShutdownStage, ShutdownStep)] = []

    /// Makes everything; nothing is connected before the loop runs.
    init(_ options: ServeOptions, loop: EventLoop, log: Logger) throws {
        self.options = options
        self.loop = loop
        self.log = log
        metrics = ServerMetrics()
        guard let cacheConfiguration = options.redis.caches, let durableConfiguration = options.redis.durable,
            let postgresConfiguration = options.postgres
        else { throw EventLoopError("Redis and PostgreSQL are needed") }
        let style = options.redis.keyStyle
        caches = try LoopRedis(loop, cacheConfiguration) { style.style(isCluster: $0) }
        durable =
            cacheConfiguration.seeds == durableConfiguration.seeds
            ? caches : try LoopRedis(loop, durableConfiguration) { style.style(isCluster: $0) }
        postgres = try LoopPostgres(loop, postgresConfiguration, size: options.postgresConnections)
        kafka = try LoopProducer(loop, options.kafka, log: log)
        resolver = try AddressResolver(loop)
        let tls = try options.tls.map { files throws(EventLoopError) in
            try TLSContext(.server, files: files, protocolName: "h2")
        }
        grpc = try GRPCServer(loop, tls: tls)
        http = try HTTPServer(loop)
        background = try BackgroundWork(loop)
    }

    /// Has `step` run in a stage of the stop; it calls `done` when it has finished.
    func onShutdown(_ stage: ShutdownStage, _ step: @escaping ShutdownStep) { steps.append((stage, step)) }

    /// Runs the steps of a stage, then `done`.
    func runShutdown(_ stage: ShutdownStage, done: @escaping () -> Void) {
        let due = steps.filter { $0.0 == stage }.map(\.1)
        var left = due.count
        guard left > 0 else { return done() }
        for step in due {
            step {
                left -= 1
                if left == 0 { done() }
            }
        }
    }
}
