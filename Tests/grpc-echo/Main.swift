import EventLoop
import GRPC
import Glibc

/// A server that answers with what it was sent, for benchmarks and for tests that measure a process of its own.
///
/// `grpc-echo [PORT]` listens on 127.0.0.1, says `PORT=…`, and on SIGTERM finishes what is open and says what it cost.
@main
enum Main {
    static func main() throws {
        let port = CommandLine.arguments.dropFirst().first.flatMap { UInt16($0) } ?? 0
        let loop = try EventLoop()
        let server = try GRPCServer(loop)
        server.handle("/echo.v1.Echo/Echo") { call in call.respond(call.request) }
        server.health.set(.serving)
        let address = try server.listen(host: "127.0.0.1", port: port)
        let term = try SignalWatch(loop, signal: SIGTERM) {
            server.stop(withinSeconds: 5) { loop.stop() }
        }
        print("PORT=\(address.port)")
        fflush(nil)
        withExtendedLifetime(term) { loop.run() }
        report(server)
    }

    private static func report(_ server: GRPCServer) {
        var usage = rusage()
        getrusage(0, &usage)
        let micros =
            (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1_000_000 + usage.ru_utime.tv_usec
            + usage.ru_stime.tv_usec
        let counts = server.statistics
        print("CALLS=\(counts.callsStarted) CPU_MICROSECONDS=\(micros) PEAK_KIB=\(usage.ru_maxrss)")
        print("ABUSIVE=\(counts.connectionsAbusive) TIMED_OUT=\(counts.connectionsTimedOut)")
    }
}
