import CRdKafka
import Glibc
import Synchronization

/// An eventfd that librdkafka's queues write to when they stop being empty, so that one thread waits for several.
final class WakeupDescriptor: Sendable {
    /// Readable when something was signalled since the last ``clear()`` or ``wait(milliseconds:)``.
    let descriptor: Int32
    private let interrupted = Atomic(false)

    init() throws(KafkaError) {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard descriptor >= 0 else {
            throw KafkaError(.configure, kind: .other, reason: "no descriptor left for an eventfd")
        }
    }

    deinit {
        close(descriptor)
    }

    /// Has the queue signal; must be undone (by `QueueHandle`'s end) before this object goes.
    func watch(_ queue: QueueHandle) {
        var one: UInt64 = 1
        rd_kafka_queue_io_event_enable(queue.raw, descriptor, &one, MemoryLayout<UInt64>.size)
    }

    /// Whether `interrupt` was called since the last time this was asked.
    func takeInterruption() -> Bool {
        interrupted.exchange(false, ordering: .acquiring)
    }

    /// Ends the present wait, or the next one.
    func interrupt() {
        interrupted.store(true, ordering: .releasing)
        var one: UInt64 = 1
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    /// Waits until something was signalled since the last wait.
    func wait(milliseconds: Int32) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, milliseconds) > 0 else { return }
        clear()
    }

    /// Forgets what was signalled. Never blocks.
    func clear() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
    }
}
