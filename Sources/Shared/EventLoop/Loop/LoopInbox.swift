import CLibEvent
import Glibc
import Synchronization

/// The way from other threads to the loop: messages that its thread receives in the order in which they were sent.
package final class LoopInbox<Message: Sendable> {
    /// What other threads send to.
    package let sender: LoopSender<Message>
    private let watch: DescriptorWatch

    /// An inbox that holds at most `limit` messages. `receive` runs on the loop's thread, as long as the inbox lives, and
    /// should hold its owner weakly or unowned.
    package init(
        _ loop: EventLoop, limit: Int = 65_536, receive: @escaping (Message) -> Void
    ) throws(EventLoopError) {
        let sender = try LoopSender<Message>(limit: limit)
        self.sender = sender
        watch = try DescriptorWatch(loop, descriptor: sender.descriptor) { _ in
            for message in sender.take() { receive(message) }
        }
        watch.wantsRead = true
    }

    deinit {
        watch.stop()
        sender.shut()
    }
}

/// The end of a ``LoopInbox`` that any thread may hold. It closes its eventfd when the last holder releases it.
package final class LoopSender<Message: Sendable>: Sendable {
    private struct State {
        var messages: [Message] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let limit: Int
    fileprivate let descriptor: Int32

    fileprivate init(limit: Int) throws(EventLoopError) {
        descriptor = loop_eventfd()
        self.limit = limit
        guard descriptor >= 0 else { throw EventLoopError("no descriptor left for an eventfd", code: errno) }
    }

    deinit { close(descriptor) }

    /// Has the loop receive `message`. Callable from any thread, never blocks.
    ///
    /// - Returns: false if it will not be received, because too many wait already or the inbox is gone.
    @discardableResult
    package func send(_ message: Message) -> Bool {
        let (isTaken, isFirst) = state.withLock { state in
            if state.isClosed || state.messages.count >= limit { return (false, false) }
            state.messages.append(message)
            return (true, state.messages.count == 1)
        }
        if isFirst {
            var one: UInt64 = 1
            _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
        }
        return isTaken
    }

    fileprivate func take() -> [Message] {
        // The count before the messages: one that comes in between rings again.
        var count: UInt64 = 0
        _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
        return state.withLock { state in
            let messages = state.messages
            state.messages = []
            return messages
        }
    }

    fileprivate func shut() {
        state.withLock {
            $0.isClosed = true
            $0.messages = []
        }
    }
}
