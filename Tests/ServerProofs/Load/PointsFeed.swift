import Kafka
import Lifecycle
import RedriveSimulation
import Synchronization
import TestSupport

/// Publishes `points.earned` at a steady pace, some events twice and some records that are no events, and keeps what the
/// totals must come to. Kafka may be away meanwhile.
final class PointsFeed: Sendable {
    struct Event: Sendable {
        let customer: Int
        let merchant: Int
        let points: Int64
    }

    private struct State: Sendable {
        var random: SplitMix64
        var events: [Event] = []
        var poison = 0
        var repeated = 0
        var failure: String?
        /// Events to be published at once, one for each partition.
        var probes: [Int] = []
        var isStopped = false
        var hasEnded = false
    }

    /// Customers who are given points at a time; slowly others take their place.
    private static let window = 200

    private let stack: ServerStack
    private let merchants: Int
    private let perSecond: Double
    private let state: Mutex<State>
    private let executor = BlockingExecutor(name: "points")

    init(_ stack: ServerStack, merchants: Int, perSecond: Double, seed: UInt64) {
        self.stack = stack
        self.merchants = merchants
        self.perSecond = perSecond
        state = Mutex(State(random: SplitMix64(seed: seed)))
    }

    /// By number.
    var events: [Event] { state.withLock(\.events) }
    /// Records that are no events; their keys are `poison-N`.
    var poison: Int { state.withLock(\.poison) }
    /// Events that were published a second time.
    var repeated: Int { state.withLock(\.repeated) }
    var failure: String? { state.withLock(\.failure) }

    /// A customer who is being given points about now.
    func someCustomer(_ random: inout SplitMix64) -> (customer: Int, merchant: Int) {
        let customer = Self.customer(state.withLock(\.events.count), &random)
        return (customer, customer % merchants)
    }

    private static func customer(_ event: Int, _ random: inout SplitMix64) -> Int {
        event / 10 + Int.random(in: 0..<window, using: &random)
    }

    func start() {
        Task(executorPreference: executor) { [self] in
            do { try run() } catch { state.withLock { $0.failure = "\(error)" } }
            state.withLock { $0.hasEnded = true }
        }
    }

    /// Publishes no more, and waits until everything was acknowledged.
    func stop() async throws {
        state.withLock { $0.isStopped = true }
        guard await eventually(deadline: 120, { state.withLock(\.hasEnded) }) else {
            throw TestSupportError("points are still unsent")
        }
        if let failure { throw TestSupportError("points were not published: \(failure)") }
    }

    /// Publishes one event to every partition, at once. Their numbers.
    func probe() -> Range<Int> {
        state.withLock { state in
            let first = state.events.count
            for _ in 0..<stack.partitions {
                state.probes.append(state.events.count)
                let customer = state.events.count + 1 << 30
                state.events.append(Event(customer: customer, merchant: customer % merchants, points: 1))
            }
            return first..<state.events.count
        }
    }

    private func run() throws {
        var options = ProducerOptions()
        options.deliveryTimeoutMilliseconds = 600_000
        let producer = try KafkaProducer(stack.client, transactionalID: nil, options: options)
        defer { producer.close(timeout: .seconds(10)) }
        let topic = try producer.topic("points.earned")
        let start = monotonicSeconds()
        var sent = 0.0
        while !state.withLock(\.isStopped) {
            _ = try producer.poll(timeout: .milliseconds(20))
            try sendProbes(topic)
            while sent < (monotonicSeconds() - start) * perSecond {
                sent += 1
                for record in next() { try topic.send(record) }
            }
        }
        try sendProbes(topic)
        try producer.flush(timeout: .seconds(100))
        if let failure = producer.takeFailures().failures.first { throw failure.error }
    }

    private func sendProbes(_ topic: borrowing ProducerTopic) throws {
        let numbers = state.withLock { state in
            defer { state.probes = [] }
            return state.probes
        }
        for (place, number) in numbers.enumerated() {
            var record = record(number)
            record.partition = Int32(place % stack.partitions)
            try topic.send(record)
        }
    }

    private func record(_ number: Int) -> OutgoingRecord {
        let event = state.withLock { $0.events[number] }
        return stack.records.points(
            number, customer: event.customer, merchant: event.merchant, points: event.points)
    }

    /// A new event, now and then with an older one again, or with something that is none.
    private func next() -> [OutgoingRecord] {
        let (numbers, poison) = state.withLock { state -> ([Int], Int?) in
            let customer = Self.customer(state.events.count, &state.random)
            // Now and then as many as the rule for one event asks for.
            let points = state.random.oneIn(100) ? 450 : Int64.random(in: 1...29, using: &state.random)
            state.events.append(Event(customer: customer, merchant: customer % merchants, points: points))
            var numbers = [state.events.count - 1]
            if state.random.oneIn(20) {
                numbers.append(Int.random(in: 0..<state.events.count, using: &state.random))
                state.repeated += 1
            }
            guard state.random.oneIn(200) else { return (numbers, nil) }
            state.poison += 1
            return (numbers, state.poison)
        }
        var records = numbers.map(record)
        if let poison {
            let id = withUnsafeBytes(of: stack.records.schemas.points.bigEndian) { Array($0) }
            records.append(OutgoingRecord(key: Array("poison-\(poison)".utf8), value: [0] + id + [0xFF, 0xFF]))
        }
        return records
    }
}
