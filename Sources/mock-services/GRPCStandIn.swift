import EventLoop
import GRPC
import GamificationProtocol

/// A service of one unary method, with its faults and its count of calls.
final class GRPCStandIn<Request: ProtocolMessage, Response: ProtocolMessage> {
    private let loop: EventLoop
    private let late: LateAnswers
    private let path: String
    private let answer: (Request) -> Result<Response, GRPCStatus>
    private var server: GRPCServer?
    private(set) var faults: GRPCFaults
    /// Where it listens, or listened before it went away.
    private(set) var port: UInt16
    /// Calls that reached it since the start.
    private(set) var calls = 0

    init(
        _ loop: EventLoop, late: LateAnswers, path: String, port: UInt16, faults: GRPCFaults,
        answer: @escaping (Request) -> Result<Response, GRPCStatus>
    ) throws(EventLoopError) {
        self.loop = loop
        self.late = late
        self.path = path
        self.port = port
        self.faults = faults
        self.answer = answer
        // Away from the start it has a port all the same.
        try open()
        if faults.isAway { close() }
    }

    /// Changes its faults. False if there is no such change.
    func apply(_ change: GRPCFaults.Change) throws(EventLoopError) -> Bool {
        guard faults.apply(change) else { return false }
        if faults.isAway { close() } else if server == nil { try open() }
        return true
    }

    private func open() throws(EventLoopError) {
        let server = try GRPCServer(loop)
        server.handle(path) { [unowned self] in handle($0) }
        server.health.set(.serving)
        port = try server.listen(host: "127.0.0.1", port: port).port
        self.server = server
    }

    private func close() {
        guard let server else { return }
        self.server = nil
        // It keeps itself until its connections are gone.
        server.stop(withinSeconds: 0) { withExtendedLifetime(server) {} }
    }

    private func handle(_ call: GRPCCall) {
        calls += 1
        let result: Result<Response, GRPCStatus>
        if let failure = faults.takeFailure() {
            result = .failure(failure)
        } else {
            do throws(ProtocolFault) {
                result = answer(try Request(decoding: call.request))
            } catch {
                result = .failure(GRPCStatus(.invalidArgument, error.description))
            }
        }
        late.give(afterMilliseconds: faults.delayMilliseconds) {
            switch result {
            case .failure(let status): call.fail(status)
            case .success(let message): message.encode { count, write in call.respond(byteCount: count, write) }
            }
        }
    }
}
