import EventLoop
import GamificationProtocol

/// users-service: one method, a directory of customers.
final class UsersService {
    static let path = "/users.v1/GetCustomer"
    var directory: CustomerDirectory
    private var standIn: GRPCStandIn<GetCustomerRequest, GetCustomerResponse>?

    init(
        _ loop: EventLoop, late: LateAnswers, port: UInt16, faults: GRPCFaults, directory: CustomerDirectory
    ) throws(EventLoopError) {
        self.directory = directory
        standIn = try GRPCStandIn(loop, late: late, path: Self.path, port: port, faults: faults) { [unowned self] in
            self.directory.answer($0)
        }
    }

    var port: UInt16 { standIn?.port ?? 0 }
    var calls: Int { standIn?.calls ?? 0 }
    func apply(_ change: GRPCFaults.Change) throws(EventLoopError) -> Bool { try standIn?.apply(change) ?? false }
}
