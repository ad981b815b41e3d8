import CommandLine
import EventLoop
import GRPC
import Glibc
import Lifecycle
import Observability
import ToolKit

/// `gamification-server serve`: one event loop until SIGINT or SIGTERM. Runs on the calling thread.
struct ServeCommand {
    let console: Console
    let options: ServeOptions

    func run() -> ExitCode {
        let log = Logger(level: options.log.level, format: options.log.format)
        do {
            let loop = try EventLoop()
            let context = try ServerContext(options, loop: loop, log: log)
            observe(context)
            try Composition.assemble(context)
            return try serve(context)
        } catch {
            console.error("\(error)")
            return .failed
        }
    }

    private func serve(_ context: ServerContext) throws -> ExitCode {
        let stop = ServerStop(context)
        let signals = [SIGTERM, SIGINT].map { number in
            try? SignalWatch(context.loop, signal: number) { stop.begin(signal: number) }
        }
        let http = try context.http.listen(host: options.http.host, port: UInt16(options.http.port))
        let grpc = try context.grpc.listen(host: options.grpc.host, port: UInt16(options.grpc.port))
        context.log.info("serving gRPC on \(grpc)\(options.tls == nil ? " without TLS" : ""), HTTP on \(http)")
        withExtendedLifetime(signals) { context.loop.run() }
        return stop.exitCode
    }

    private func observe(_ context: ServerContext) {
        let (grpc, board, log) = (context.grpc, context.board, context.log)
        grpc.health.set(.notServing)
        grpc.health.set(.notServing, service: "gamification.v1")
        board.whenReadinessChanges = { [unowned grpc] isReady in
            for service in ["", "gamification.v1"] {
                grpc.health.set(isReady ? .serving : .notServing, service: service)
            }
            log.info(isReady ? "ready" : "not ready any more")
        }
        board.whenWaiting = { name, reason in log.warning("waiting for \(name): \(reason)") }
        let degraded = context.metrics.degraded
        board.whenChanged = { name, reason in
            degraded.with(name).set(reason == nil ? 0 : 1)
            if let reason {
                log.warning("\(name): \(reason)")
            } else {
                log.info("\(name): well")
            }
        }
        let calls = CallCounts(context.metrics)
        grpc.observer = { calls.note($0) }
    }
}
