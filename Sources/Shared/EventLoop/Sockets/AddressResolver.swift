import Lifecycle

/// Finds addresses of host names without holding up the loop: the system's resolver blocks a thread of its own for each
/// look-up, of which there are few, since connections are.
package final class AddressResolver {
    /// What a look-up comes to.
    package typealias Answer = Result<[SocketAddress], EventLoopError>

    private struct Found: Sendable {
        let ticket: UInt64
        let answer: Answer
    }

    /// Look-ups that wait for the resolver at a time.
    private static let limit = 32

    private var inbox: LoopInbox<Found>?
    private var waiting: [UInt64: (Answer) -> Void] = [:]
    private var lastTicket: UInt64 = 0

    /// A resolver whose answers come on `loop`'s thread.
    package init(_ loop: EventLoop) throws(EventLoopError) {
        inbox = try LoopInbox(loop) { [unowned self] found in
            waiting.removeValue(forKey: found.ticket)?(found.answer)
        }
    }

    /// Looks `host` up and calls `whenDone` on the loop's thread, at once for a literal address. Returns what
    /// ``cancel(_:)`` takes; 0 if the answer was given already.
    @discardableResult
    package func resolve(host: String, port: UInt16, _ whenDone: @escaping (Answer) -> Void) -> UInt64 {
        if let address = SocketAddress.literal(host: host, port: port) {
            whenDone(.success([address]))
            return 0
        }
        guard waiting.count < Self.limit, let sender = inbox?.sender else {
            whenDone(.failure(EventLoopError("cannot find the host \(host): too many look-ups are under way")))
            return 0
        }
        lastTicket += 1
        let ticket = lastTicket
        waiting[ticket] = whenDone
        NamedThread.start("resolver") {
            let answer = Answer { () throws(EventLoopError) in try SocketAddress.resolve(host: host, port: port) }
            sender.send(Found(ticket: ticket, answer: answer))
        }
        return ticket
    }

    /// The look-up's callback is not called any more.
    package func cancel(_ ticket: UInt64) { waiting[ticket] = nil }
}
