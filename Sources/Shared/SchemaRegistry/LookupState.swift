import Lifecycle
import Pacing

/// What the client knows, whom it asks, and who waits for the answer. Guarded by the client's lock; pure otherwise.
struct LookupState {
    /// What a waiting task is told.
    enum Outcome {
        case answer(SchemaLookup)
        case failure(SchemaRegistryError)
        /// The task that asked was cancelled: look again, perhaps ask.
        case again
    }

    typealias Waiter = CheckedContinuation<Outcome, Never>

    /// What a task that wants a schema does.
    enum Step {
        case done(SchemaLookup)
        /// Ask the registry, after that many nanoseconds.
        case ask(after: Int64)
        /// Wait for the task that asks.
        case wait
    }

    private var schemas: BoundedCache<RegisteredSchema>
    private var negatives: BoundedCache<SchemaLookup>
    private let negativeLifetime: Int64
    private var pace: TokenBucket
    private var waiters: [Int32: [UInt64: Waiter]] = [:]
    private var nextWaiter: UInt64 = 0

    init(_ limits: SchemaRegistryConfiguration.Limits) {
        schemas = BoundedCache(countLimit: limits.schemaCount, costLimit: limits.schemaBytes)
        negatives = BoundedCache(countLimit: limits.negativeCount, costLimit: limits.negativeCount * 128)
        negativeLifetime = limits.negativeLifetime.wholeNanoseconds
        pace = TokenBucket(
            capacity: Double(limits.lookupBurst), refill: max(limits.lookupsPerSecond, 0.001),
            start: MonotonicInstant(nanoseconds: 0))
    }

    /// Schemas and negative answers kept.
    var counts: (schemas: Int, negatives: Int) { (schemas.count, negatives.count) }

    /// Tasks that wait for another one's answer.
    var waiting: Int { waiters.values.reduce(0) { $0 + $1.count } }

    /// What is known about `id`.
    mutating func cached(_ id: Int32, now: () -> MonotonicInstant) -> SchemaLookup? {
        if let schema = schemas.value(id, now: now) { return .schema(schema) }
        return negatives.value(id, now: now)
    }

    /// What to do to learn about `id`; `.ask` makes the caller the one that asks, which ``finish(_:_:now:)`` ends.
    mutating func begin(_ id: Int32, now: () -> MonotonicInstant) -> Step {
        if let known = cached(id, now: now) { return .done(known) }
        guard waiters[id] == nil else { return .wait }
        waiters[id] = [:]
        return .ask(after: pace.reserve(at: now()) ?? 0)
    }

    /// A name for a waiter, to withdraw it by.
    mutating func newWaiter() -> UInt64 {
        nextWaiter += 1
        return nextWaiter
    }

    /// Lines `waiter` up behind the task that asks; false if there is none any more.
    mutating func add(_ waiter: Waiter, _ number: UInt64, to id: Int32) -> Bool {
        waiters[id]?.updateValue(waiter, forKey: number)
        return waiters[id] != nil
    }

    /// Takes a waiter out; nil if it has been answered or was never there.
    mutating func withdraw(_ number: UInt64, from id: Int32) -> Waiter? {
        waiters[id]?.removeValue(forKey: number)
    }

    /// Keeps the answer, and hands back those who waited for it.
    mutating func finish(_ id: Int32, _ outcome: Outcome, now: MonotonicInstant) -> [Waiter] {
        if case .answer(let lookup) = outcome {
            switch lookup {
            case .schema(let schema): schemas.insert(schema, id: id, cost: schema.cost)
            case .unknown: negatives.insert(lookup, id: id, cost: 128, expiry: now.advanced(by: negativeLifetime))
            case .unusable: negatives.insert(lookup, id: id, cost: 1_024, expiry: now.advanced(by: negativeLifetime))
            }
        }
        return waiters.removeValue(forKey: id).map { Array($0.values) } ?? []
    }
}
