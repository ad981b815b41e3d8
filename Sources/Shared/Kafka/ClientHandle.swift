import CRdKafka
import Dispatch
import Synchronization

/// An `rd_kafka_t` and the object that its callbacks report to. Whatever librdkafka object belongs to a client holds a
/// reference to this, so the client is destroyed after the last of them: destroying it before would hang.
final class ClientHandle: Sendable {
    // librdkafka documents every function that takes an rd_kafka_t as thread-safe; the pointer never changes.
    nonisolated(unsafe) let raw: OpaquePointer
    let callbacks: ClientCallbacks
    /// Signalled when the client is gone.
    let destroyed = DispatchSemaphore(value: 0)
    /// Batches that hold records of this client.
    let batches = Atomic(0)

    init(_ raw: OpaquePointer, callbacks: ClientCallbacks) {
        self.raw = raw
        self.callbacks = callbacks
    }

    deinit {
        // A consumer has left its group in `close`, or does not want to wait for it.
        rd_kafka_destroy_flags(raw, Int32(RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE))
        destroyed.signal()
    }

    /// Serves delivery reports and client errors on the calling thread.
    func serveCallbacks(milliseconds: Int32 = 0) {
        _ = rd_kafka_poll(raw, milliseconds)
    }

    /// Waits until a producer's queue is empty. librdkafka itself looks every 10 ms, since deliveries that succeed tell
    /// nobody: half of that is lost with every commit. Its time-out is looked at sooner, for as long as it may matter.
    func flush(milliseconds: Int32) -> rd_kafka_resp_err_t {
        let deadline = Deadline(after: .milliseconds(Int(milliseconds)))
        var slices = 0
        while true {
            slices += 1
            let code = rd_kafka_flush(raw, deadline.milliseconds(atMost: slices < 100 ? 1 : 10))
            if code != RD_KAFKA_RESP_ERR__TIMED_OUT || deadline.isPast { return code }
        }
    }

    /// Calls `body` until it succeeds, fails for good, or the deadline is past. What is thrown then is the connection's
    /// trouble rather than a bare time-out, where there was any.
    ///
    /// - Parameter slice: the most that one call may wait. Between calls a refused TLS or SASL handshake, which time
    ///   does not mend, is noticed and ends it. Not for calls that must not be made again while one is under way.
    func retrying<Result>(
        _ operation: KafkaOperation, until deadline: Deadline, slice: Int32 = 5_000,
        _ body: (_ milliseconds: Int32) throws(KafkaError) -> Result
    ) throws(KafkaError) -> Result {
        while true {
            do throws(KafkaError) {
                let result = try body(deadline.milliseconds(atMost: slice))
                callbacks.forgetConnectionError()
                return result
            } catch {
                serveCallbacks(milliseconds: error.isRetriable ? deadline.milliseconds(atMost: 50) : 0)
                let isRefused = callbacks.connectionError?.kind == .authentication
                guard error.isRetriable, !isRefused, !deadline.isPast else { throw explained(error) }
            }
        }
    }

    /// A time-out becomes what the connection reported meanwhile.
    private func explained(_ error: KafkaError) -> KafkaError {
        guard error.kind == .timedOut || error.kind == .unreachable, let cause = callbacks.connectionError else {
            return error
        }
        var explained = error
        (explained.kind, explained.code, explained.name, explained.reason) =
            (cause.kind, cause.code, cause.name, cause.reason)
        return explained
    }
}

/// A reference to an `rd_kafka_queue_t`, given back before its client goes.
final class QueueHandle: Sendable {
    // Queues are as thread-safe as clients; the pointer never changes.
    nonisolated(unsafe) let raw: OpaquePointer
    let client: ClientHandle

    /// Takes over a reference that librdkafka gave.
    init(_ raw: OpaquePointer, of client: ClientHandle) {
        self.raw = raw
        self.client = client
    }

    /// A new queue.
    convenience init(of client: ClientHandle) {
        self.init(rd_kafka_queue_new(client.raw), of: client)
    }

    deinit {
        rd_kafka_queue_io_event_enable(raw, -1, nil, 0)
        rd_kafka_queue_destroy(raw)
    }
}
