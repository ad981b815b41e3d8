import EventLoop
import GRPC
import GamificationProtocol
import Glibc

/// Answers every GetCustomer: English for all, but no customer whose id begins with `dead`.
enum UsersStandIn {
    static func serve(port: UInt16, delayMilliseconds: Int64) throws {
        let loop = try EventLoop()
        let server = try GRPCServer(loop)
        var calls = 0
        var timers: [LoopTimer] = []
        server.handle("/users.v1/GetCustomer") { call in
            calls += 1
            guard let request = try? GetCustomerRequest(decoding: call.request), !request.customerID.hasPrefix("dead")
            else { return call.fail(GRPCStatus(.notFound, "no such customer")) }
            let answer = {
                GetCustomerResponse(email: "someone@example.org", pointsBalance: 1, language: "en").encode {
                    call.respond(byteCount: $0, $1)
                }
            }
            guard delayMilliseconds > 0, let timer = try? LoopTimer(loop, answer) else { return answer() }
            timers.append(timer)
            if timers.count > 10_000 { timers.removeFirst(5_000) }
            timer.start(afterNanoseconds: delayMilliseconds * 1_000_000)
        }
        let address = try server.listen(host: "127.0.0.1", port: port)
        let term = try SignalWatch(loop, signal: SIGTERM) { loop.stop() }
        print("PORT=\(address.port)")
        fflush(nil)
        withExtendedLifetime(term) { loop.run() }
        print("CALLS=\(calls)")
    }
}
