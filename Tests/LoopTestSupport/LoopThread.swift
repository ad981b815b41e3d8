package import EventLoop
import Lifecycle

/// An event loop on a thread of its own, with a stage: whatever a test puts on it. The stage is made, used and released on
/// that thread alone.
package final class LoopThread<Stage>: Sendable {
    private enum Message: Sendable {
        case run(@Sendable (Stage) -> Void)
        case stop
    }

    private let sender: LoopSender<Message>

    /// Starts the thread and makes the stage.
    package init(_ make: @escaping @Sendable (EventLoop) throws -> Stage) async throws {
        sender = try await withCheckedThrowingContinuation { continuation in
            NamedThread.start("loop") { Self.serve(make, continuation) }
        }
    }

    deinit { sender.send(.stop) }

    private static func serve(
        _ make: (EventLoop) throws -> Stage, _ started: CheckedContinuation<LoopSender<Message>, any Error>
    ) {
        do {
            let loop = try EventLoop()
            let stage = try make(loop)
            let inbox = try LoopInbox<Message>(loop) { message in
                switch message {
                case .run(let body): body(stage)
                case .stop: loop.stop()
                }
            }
            started.resume(returning: inbox.sender)
            withExtendedLifetime(inbox) { loop.run() }
        } catch {
            started.resume(throwing: error)
        }
    }

    /// Runs `body` on the loop's thread.
    package func run<Result: Sendable>(
        _ body: @escaping @Sendable (Stage) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            sender.send(.run { stage in continuation.resume(with: Swift.Result { try body(stage) }) })
        }
    }

    /// Runs `body` on the loop's thread, and waits until it, or a callback that it left there, calls what it is given.
    package func wait<Result: Sendable>(
        _ body: @escaping @Sendable (Stage, @escaping (Result) -> Void) -> Void
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            sender.send(.run { stage in body(stage) { continuation.resume(returning: $0) } })
        }
    }
}
