import CommandLine
import EventLoop
import GRPC
import Glibc
import Lifecycle
import Observability

/// The stop of a server, in order: not ready, calls finish, nothing new begins, what is under way is flushed, connections
/// go; and an end to it all when the deadline has come.
final class ServerStop {
    private let context: ServerContext
    private var deadline: ShutdownDeadline?
    private(set) var exitCode = ExitCode.terminated

    init(_ context: ServerContext) { self.context = context }

    /// Begins the stop; a second signal ends the process at once.
    func begin(signal: Int32) {
        exitCode = ExitCode.signal(signal) ?? .terminated
        let code = exitCode.rawValue
        guard deadline == nil else { leave(code) }
        let seconds = Double(context.options.shutdown.components.seconds)
        let log = context.log
        deadline = ShutdownDeadline.arm(seconds: seconds, exitCode: code) {
            log.error(
                "the stop took longer than \(Int(seconds)) s; what was not flushed is published by another instance")
        }
        log.info("stopping")
        context.board.stop()
        let grace = max(0.5, seconds * 0.6)
        context.grpc.stop(withinSeconds: grace) { [self] in
            context.runShutdown(.intake) { [self] in
                context.runShutdown(.flush) { [self] in
                    context.kafka.whenIdle { [self] in close() }
                }
            }
        }
    }

    private func close() {
        context.runShutdown(.close) { [self] in
            context.kafka.close()
            context.postgres.close()
            context.caches.close()
            context.durable.close()
            context.log.info("stopped")
            context.http.stop { [self] in context.loop.stop() }
        }
    }

    private func leave(_ code: Int32) -> Never { _exit(code) }
}
