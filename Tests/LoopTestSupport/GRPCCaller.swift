import EventLoop
package import GRPC
package import GamificationProtocol
import Lifecycle
import TestSupport

/// The project's own gRPC client on a loop of its own.
package final class GRPCCaller: Sendable {
    /// What a call came to, with how long it took in milliseconds.
    package struct Outcome<Response: Sendable>: Sendable {
        package let answer: Result<Response, GRPCStatus>
        package let milliseconds: Double

        package var code: GRPCCode {
            switch answer {
            case .success: .ok
            case .failure(let status): status.code
            }
        }
    }

    private let thread: LoopThread<GRPCChannel>

    /// A client of `HOST:PORT` on 127.0.0.1, without TLS.
    package init(_ address: String) async throws {
        guard let port = address.split(separator: ":").last.flatMap({ UInt16($0) }) else {
            throw TestSupportError("no port in \(address)")
        }
        thread = try await LoopThread { loop in try GRPCChannel(loop, host: "127.0.0.1", port: port) }
    }

    /// Calls a method and waits for what comes of it.
    package func call<Response: ProtocolMessage>(
        _ path: String, _ request: some ProtocolMessage, as _: Response.Type, seconds: Double = 20
    ) async throws -> Outcome<Response> {
        try await call(path, bytes: request.encoded, as: Response.self, seconds: seconds)
    }

    /// Calls a method with any bytes as its message.
    package func call<Response: ProtocolMessage>(
        _ path: String, bytes: [UInt8], as _: Response.Type, seconds: Double = 20
    ) async throws -> Outcome<Response> {
        try await thread.wait { channel, done in
            let start = MonotonicInstant.now()
            bytes.withUnsafeBytes { message in
                _ = channel.call(GRPCMethod(path), deadline: start.advanced(bySeconds: seconds), message: message) {
                    let answer: Result<Response, GRPCStatus>
                    if $0.status.code == .ok {
                        do throws(ProtocolFault) {
                            answer = .success(try Response(decoding: $0.message))
                        } catch {
                            answer = .failure(GRPCStatus(.internal, error.description))
                        }
                    } else {
                        answer = .failure($0.status)
                    }
                    done(Outcome(answer: answer, milliseconds: MonotonicInstant.now().seconds(since: start) * 1_000))
                }
            }
        }
    }
}
