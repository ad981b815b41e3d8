import EventLoop
import GRPC
import GamificationProtocol
import Lifecycle
import LoopTestSupport

/// A caller of AwardBadge.
final class AwardClient: Sendable {
    struct Answer: Sendable {
        let status: GRPCStatus
        let response: AwardBadgeResponse?
        let seconds: Double
    }

    private let thread: LoopThread<GRPCChannel>
    /// Kept, because a server ends with its last reference.
    private let server: AwardServer

    init(_ server: AwardServer) async throws {
        self.server = server
        let port = server.grpcPort
        thread = try await LoopThread { try GRPCChannel($0, host: "127.0.0.1", port: port) }
    }

    func award(
        _ badge: String = AwardStack.badges[0], customer: String,
        merchant: String = "00000000-0000-4000-8000-0000000000aa",
        locale: String = "en"
    ) async throws -> Answer {
        let request = AwardBadgeRequest(merchantID: merchant, customerID: customer, badge: badge, locale: locale)
        return try await thread.wait { channel, done in
            let start = channel.loop.now
            request.encode { count, write in
                _ = channel.call(
                    GRPCMethod("/gamification.v1/AwardBadge"), deadline: start.advanced(bySeconds: 10),
                    byteCount: count,
                    write
                ) { answer in
                    let response = answer.status.code == .ok ? try? AwardBadgeResponse(decoding: answer.message) : nil
                    done(
                        Answer(
                            status: answer.status, response: response, seconds: channel.loop.now.seconds(since: start)))
                }
            }
        }
    }
}
