import CRdKafka
import Lifecycle
import Synchronization

/// An idempotent producer for a program with an event loop: it has a descriptor to wait on, and tells of every record
/// whether the brokers have acknowledged it. Nothing here blocks, except making it.
///
/// Not Sendable: one thread has it. librdkafka keeps threads of its own, and signals the descriptor from them.
package final class AcknowledgedProducer {
    /// Holds the client's last reference while a thread of its own lets it go.
    private final class Last: Sendable {
        let client: Mutex<ClientHandle?>
        init(_ client: ClientHandle?) { self.client = Mutex(client) }
    }

    /// Nil once it is closed, as are the events.
    private var client: ClientHandle?
    private var events: QueueHandle?
    private let wakeup: WakeupDescriptor
    private var topics: [String: ProducerTopic] = [:]

    /// - Parameter options: its `deliveryTimeoutMilliseconds` is how long a record may wait, retries included.
    /// - Throws: `KafkaError` of kind `.configuration` that names the property and librdkafka's reason.
    package init(_ configuration: KafkaConfiguration, options: ProducerOptions = .init()) throws(KafkaError) {
        var required = options.required.filter { $0.0 != "delivery.report.only.error" }
        required.append(("delivery.report.only.error", "false"))
        let timeout = ("delivery.timeout.ms", String(options.deliveryTimeoutMilliseconds))
        let native = try NativeConfiguration(configuration, required: required, tuned: options.tuned + [timeout])
        native.enableEvents(Int32(RD_KAFKA_EVENT_DR) | Int32(RD_KAFKA_EVENT_ERROR))
        wakeup = try WakeupDescriptor()
        let client = try native.makeClient(
            RD_KAFKA_PRODUCER, callbacks: ClientCallbacks(log: configuration.log), reportsDeliveries: false)
        guard let queue = rd_kafka_queue_get_main(client.raw) else {
            throw KafkaError(.configure, kind: .other, reason: "librdkafka gave no event queue")
        }
        let events = QueueHandle(queue, of: client)
        wakeup.watch(events)
        (self.client, self.events) = (client, events)
    }

    deinit { close() }

    /// Readable when ``drain(_:)`` has something to tell. It stays the same.
    package var descriptor: Int32 { wakeup.descriptor }

    /// Records that wait for delivery or whose end was not taken yet.
    package var pendingRecords: Int { client.map { Int(rd_kafka_outq_len($0.raw)) } ?? 0 }

    /// Hands a record over; everything is copied. `tag`, not 0, comes back with its end.
    ///
    /// - Throws: `.queueFull`, `.messageTooLarge`, `.unknownTopic`, or a fatal error, at once; the record is then not sent.
    package func send(_ record: OutgoingRecord, to topic: String, tag: UInt64) throws(KafkaError) {
        try handle(topic).send(record, tag: tag, timeout: .zero)
    }

    /// Hands the end of every record that has ended since the last call to `body`: nil if it was acknowledged by all
    /// replicas in sync, else why it was given up. Call it when the descriptor is readable.
    ///
    /// - Returns: the client's own errors. After a fatal one nothing more is sent: the producer must be replaced.
    package func drain(_ body: (_ tag: UInt64, _ error: KafkaError?) -> Void) -> [KafkaError] {
        // Before the queue: what comes in between signals again.
        wakeup.clear()
        var errors: [KafkaError] = []
        guard let client, let events else { return errors }
        while let event = NativeEvent(from: events, milliseconds: 0) {
            switch event.type {
            case Int32(RD_KAFKA_EVENT_DR):
                while let message = rd_kafka_event_message_next(event.raw) { deliver(message, body) }
            case Int32(RD_KAFKA_EVENT_ERROR):
                if errors.count < 64, let error = event.error(.produce, of: client) { errors.append(error) }
            default: break
            }
        }
        return errors
    }

    /// Throws away the records that were not acknowledged, without a word about them, and lets the client go on a thread of
    /// its own, since its end may hang while brokers are away: a process that stops should leave by `_exit`. Everything that
    /// is sent afterwards fails.
    package func close() {
        guard let client else { return }
        topics = [:]
        rd_kafka_purge(client.raw, Int32(RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT))
        _ = drain { _, _ in }
        events = nil
        let last = Last(self.client.take())
        NamedThread.start("kafka.destroy") { last.client.withLock { $0 = nil } }
    }

    private func deliver(
        _ message: UnsafePointer<rd_kafka_message_t>, _ body: (_ tag: UInt64, _ error: KafkaError?) -> Void
    ) {
        let tag = UInt64(UInt(bitPattern: message.pointee._private))
        guard message.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR else { return body(tag, nil) }
        let topic = message.pointee.rkt.map { String(cString: rd_kafka_topic_name($0)) }
        body(tag, KafkaError(.produce, code: message.pointee.err, topic: topic, partition: message.pointee.partition))
    }

    private func handle(_ name: String) throws(KafkaError) -> ProducerTopic {
        if let known = topics[name] { return known }
        guard let client else { throw KafkaError(.produce, kind: .closed, reason: "the producer is closed") }
        let topic = try ProducerTopic(name, client: client)
        topics[name] = topic
        return topic
    }
}
