import EventLoop
import GRPC
import GamificationProtocol
import Lifecycle
import LoopTestSupport
import TestSupport

/// The project's own gRPC client on a loop of its own.
final class Caller: Sendable {
    /// What a call came to, with how long it took in milliseconds.
    struct Outcome<Response: Sendable>: Sendable {
        let answer: Result<Response, GRPCStatus>
        let milliseconds: Double

        var code: GRPCCode {
            switch answer {
            case .success: .ok
            case .failure(let status): status.code
            }
        }
    }

    private let thread: LoopThread<GRPCChannel>

    init(_ address: String) async throws {
        guard let port = address.split(separator: ":").last.flatMap({ UInt16($0) }) else {
            throw TestSupportError("no port in \(address)")
        }
        thread = try await LoopThread { loop in try GRPCChannel(loop, host: "127.0.0.1", port: port) }
    }

    func call<Response: ProtocolMessage>(
        _ path: String, _ request: some ProtocolMessage, as _: Response.Type, seconds: Double = 20
    ) async throws -> Outcome<Response> {
        let bytes = request.encoded
        return try await thread.wait { channel, done in
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

    func customer(_ id: String, seconds: Double = 20) async throws -> Outcome<GetCustomerResponse> {
        try await call(
            "/users.v1/GetCustomer", GetCustomerRequest(customerID: id, merchantID: "m"), as: GetCustomerResponse.self,
            seconds: seconds)
    }

    func token(_ text: String) async throws -> Outcome<ValidateTokenResponse> {
        try await call(
            "/auth.v1/ValidateToken", ValidateTokenRequest(jwtToken: text), as: ValidateTokenResponse.self)
    }
}
