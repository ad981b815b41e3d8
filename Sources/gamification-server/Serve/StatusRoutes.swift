import CommandLine
import EventLoop
import Observability

/// `/health`, `/ready` and `/metrics`.
enum StatusRoutes {
    static func add(to context: ServerContext) {
        let http = context.http
        http.handle("GET", "/health") { exchange in
            exchange.respond(status: 200, contentType: "application/json", text: "{\"status\":\"alive\"}\n")
        }
        http.handle("GET", "/ready") { [unowned context] exchange in
            let board = context.board
            exchange.respond(
                status: board.isReady ? 200 : 503, contentType: "application/json", text: board.json.line + "\n")
        }
        http.handle("GET", "/metrics") { [unowned context] exchange in
            exchange.respond(
                status: 200, contentType: "text/plain; version=0.0.4; charset=utf-8",
                text: context.metrics.registry.exposition())
        }
    }
}
