import EventLoop
import Kafka
import Lifecycle
import Observability

/// The Kafka producer on the event loop: records go out by librdkafka's threads, and whether the brokers have acknowledged
/// them comes back on the loop's thread.
///
/// A producer that librdkafka declares dead is replaced, and what it had under way fails.
final class LoopProducer {
    typealias Completion = (KafkaError?) -> Void

    /// Records under way; more are refused as `queueFull`.
    static let limit = 100_000

    private let loop: EventLoop
    private let configuration: KafkaConfiguration
    private let log: Logger
    private var producer: AcknowledgedProducer
    private var watch: DescriptorWatch?
    private var completions: [Completion?] = [nil]
    private var free: [Int] = []
    private var breaker = CircuitBreaker(threshold: 20, pauseMilliseconds: 1_000)
    private var whenIdle: [() -> Void] = []
    /// Records that went with a producer that was replaced; their ends are told at the end of the turn, never inside of a send.
    private var lost: [(Completion, KafkaError)] = []
    private var lostHook: TurnHook?

    /// How many records are under way.
    private(set) var pending = 0
    /// The last trouble with the brokers; nil once a record was acknowledged after it.
    private(set) var lastError: KafkaError?

    /// A producer that connects by itself.
    init(_ loop: EventLoop, _ configuration: KafkaConfiguration, log: Logger) throws {
        self.loop = loop
        self.configuration = configuration
        self.log = log
        producer = try Self.make(configuration)
        lostHook = TurnHook(loop) { [unowned self] in endLost() }
        try follow()
    }

    deinit { lostHook?.cancel() }

    private static func make(_ configuration: KafkaConfiguration) throws(KafkaError) -> AcknowledgedProducer {
        var options = ProducerOptions()
        options.lingerMilliseconds = 2
        options.deliveryTimeoutMilliseconds = 10_000
        options.queueRecords = limit
        options.queueKilobytes = 32 * 1_024
        return try AcknowledgedProducer(configuration, options: options)
    }

    /// Whether the brokers are taken to be away: nobody should wait for an acknowledgement.
    var isAway: Bool { breaker.isOpen }

    /// Whether a record should be handed over at all: while the brokers are away only one now and then, to find out.
    func isWorthSending(at now: MonotonicInstant) -> Bool { breaker.admits(at: now) }

    /// Hands a record over. `completion` is called once, on the loop's thread, after this has returned: nil once it is
    /// acknowledged. False if it was not taken; then `completion` is never called.
    @discardableResult
    func send(_ record: OutgoingRecord, to topic: String, _ completion: @escaping Completion) -> Bool {
        let tag = free.popLast() ?? completions.count
        if tag == completions.count { completions.append(nil) }
        do throws(KafkaError) {
            try producer.send(record, to: topic, tag: UInt64(tag))
            completions[tag] = completion
            pending += 1
            return true
        } catch {
            free.append(tag)
            note(error)
            if error.isFatal { replace(error) }
            return false
        }
    }

    /// The caller has waited in vain for an acknowledgement: counts as a failure.
    func noteTimeout() { breaker.failed(at: loop.now) }

    /// Calls `body` when nothing is under way any more.
    func whenIdle(_ body: @escaping () -> Void) {
        whenIdle.append(body)
        tellIdle()
    }

    /// Throws away what is under way.
    func close() {
        watch?.stop()
        producer.close()
    }

    private func follow() throws {
        watch = try DescriptorWatch(loop, descriptor: producer.descriptor) { [unowned self] _ in drain() }
        watch?.wantsRead = true
    }

    private func drain() {
        var ends: [(Completion, KafkaError?)] = []
        let errors = producer.drain { tag, error in
            let tag = Int(tag)
            guard completions.indices.contains(tag), let completion = completions[tag] else { return }
            completions[tag] = nil
            free.append(tag)
            pending -= 1
            if let error { note(error) } else { acknowledged() }
            ends.append((completion, error))
        }
        for (completion, error) in ends { completion(error) }
        for error in errors {
            note(error)
            if error.isFatal { return replace(error) }
        }
        tellIdle()
    }

    private func tellIdle() {
        guard pending == 0, !whenIdle.isEmpty else { return }
        let bodies = whenIdle
        whenIdle = []
        for body in bodies { body() }
    }

    private func acknowledged() {
        lastError = nil
        if breaker.succeeded() { log.info("Kafka acknowledges records again") }
    }

    private func note(_ error: KafkaError) {
        lastError = error
        // An error of one record, such as its size, says nothing about the brokers.
        guard error.isRetriable || error.kind == .timedOut || error.kind == .unreachable || error.isFatal else {
            return
        }
        if breaker.failed(at: loop.now) {
            log.warning("Kafka is away; awards go on and are published when it is back", [.error(error)])
        }
    }

    private func replace(_ error: KafkaError) {
        log.warning("the Kafka producer is replaced", [.error(error)])
        watch?.stop()
        producer.close()
        lost += completions.compactMap { $0 }.map { ($0, error) }
        completions = [nil]
        free = []
        do {
            producer = try Self.make(configuration)
            try follow()
        } catch {
            log.error("there is no Kafka producer any more", [.error(error)])
        }
        lostHook?.request()
    }

    private func endLost() {
        let ends = lost
        lost = []
        pending -= ends.count
        for (completion, error) in ends { completion(error) }
        tellIdle()
    }
}
