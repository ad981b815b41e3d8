import EventLoop
import GamificationProtocol
import Glibc

/// auth-service: one method.
final class AuthService {
    static let path = "/auth.v1/ValidateToken"
    private let standIn: GRPCStandIn<ValidateTokenRequest, ValidateTokenResponse>

    init(_ loop: EventLoop, late: LateAnswers, port: UInt16, faults: GRPCFaults) throws(EventLoopError) {
        let judge = TokenJudge { Double(time(nil)) }
        standIn = try GRPCStandIn(loop, late: late, path: Self.path, port: port, faults: faults) { judge.answer($0) }
    }

    var port: UInt16 { standIn.port }
    var calls: Int { standIn.calls }
    func apply(_ change: GRPCFaults.Change) throws(EventLoopError) -> Bool { try standIn.apply(change) }
}
