import CommandLine
import EventLoop

/// Serves the registry and what steers the stand-ins, on 127.0.0.1.
final class StandInServer {
    /// Where it listens.
    let port: UInt16
    private let server: HTTPServer

    /// Listens on `port`, or a free one if that is 0; `answer` runs on the loop's thread.
    init(
        _ loop: EventLoop, late: LateAnswers, port: UInt16, answer: @escaping (MockRequest) -> MockReply
    ) throws(EventLoopError) {
        var limits = HTTPServerLimits()
        limits.headBytes = 64 << 10
        limits.bodyBytes = 8 << 20
        limits.connections = 4_096
        server = try HTTPServer(loop, limits: limits)
        server.handleOthers { exchange in
            let reply = answer(MockRequest(exchange.request))
            late.give(afterMilliseconds: reply.delayMilliseconds) {
                exchange.respond(
                    status: reply.status, contentType: "application/vnd.schemaregistry.v1+json", text: reply.body.line)
            }
        }
        self.port = try server.listen(host: "127.0.0.1", port: port).port
    }
}
