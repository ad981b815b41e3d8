import EventLoop
import Lifecycle

/// Work for which the loop has no way of its own (the registry's HTTP client, librdkafka's blocking calls), done elsewhere;
/// what comes of it is handed to the loop's thread.
final class BackgroundWork {
    private struct Message: Sendable {
        let ticket: UInt64
        let value: any Sendable
    }

    private var inbox: LoopInbox<Message>?
    private var waiting: [UInt64: (any Sendable) -> Void] = [:]
    private var lastTicket: UInt64 = 0

    /// Work for the loop of this thread.
    init(_ loop: EventLoop) throws(EventLoopError) {
        inbox = try LoopInbox(loop) { [unowned self] message in
            waiting.removeValue(forKey: message.ticket)?(message.value)
        }
    }

    /// Runs `work` as a task and hands what it returns to `then`, on the loop's thread.
    func run<Value: Sendable>(_ work: @escaping @Sendable () async -> Value, then: @escaping (Value) -> Void) {
        guard let (ticket, sender) = expect(then) else { return }
        Task { sender.send(Message(ticket: ticket, value: await work())) }
    }

    /// Runs `work`, which may block, on a thread of its own and hands what it returns to `then`, on the loop's thread.
    func runBlocking<Value: Sendable>(
        _ name: String, _ work: @escaping @Sendable () -> Value, then: @escaping (Value) -> Void
    ) {
        guard let (ticket, sender) = expect(then) else { return }
        NamedThread.start(name) { sender.send(Message(ticket: ticket, value: work())) }
    }

    private func expect<Value: Sendable>(_ then: @escaping (Value) -> Void) -> (UInt64, LoopSender<Message>)? {
        guard let sender = inbox?.sender else { return nil }
        lastTicket += 1
        waiting[lastTicket] = { value in
            if let value = value as? Value { then(value) }
        }
        return (lastTicket, sender)
    }
}
