import CommandLine
import EventLoop
import GRPC
import GamificationProtocol
import Lifecycle
import Postgres
import Redis

/// Asks users-service for customers that Redis does not know: with a deadline, few retries, and not at all while it is away.
/// Several that ask for one customer at once make one call. What it says of the customer's language is kept for a day in
/// `eligibility:`; nothing else of it is looked at.
final class Customers {
    enum Answer: Equatable {
        /// The customer exists and reads this language.
        case known(language: String)
        case unknown
        case unavailable
    }

    private struct Identity: Hashable {
        let merchant: PostgresUUID
        let customer: PostgresUUID
    }

    private static let method = GRPCMethod("/users.v1/GetCustomer")
    /// Nanoseconds that one try may take.
    private static let patience: Int64 = 500_000_000

    private let loop: EventLoop
    private let redis: LoopRedis
    private let channel: GRPCChannel
    private var budget = RetryBudget()
    private var breaker = CircuitBreaker(threshold: 20, pauseMilliseconds: 500)
    private var waiting: [Identity: [(Answer) -> Void]] = [:]

    init(_ context: ServerContext) throws {
        loop = context.loop
        redis = context.caches
        let users = context.options.users
        channel = try GRPCChannel(
            context.loop, host: users.host, port: UInt16(users.port), resolver: context.resolver)
    }

    /// Whether users-service is taken to be away.
    var isAway: Bool { breaker.isOpen }

    /// Asks for a customer. `completion` is called on the loop's thread, possibly before this returns.
    func ask(merchant: PostgresUUID, customer: PostgresUUID, _ completion: @escaping (Answer) -> Void) {
        let identity = Identity(merchant: merchant, customer: customer)
        if waiting[identity] != nil {
            waiting[identity]?.append(completion)
            return
        }
        guard breaker.admits(at: loop.now) else { return completion(.unavailable) }
        waiting[identity] = [completion]
        let key = redis.keys.eligibility(merchant: merchant.description, customer: customer.description)
        guard redis.isUp, let fill = try? CacheFill(of: key), fill.isPossible(inCluster: redis.isCluster) else {
            return call(identity, nil, isRetry: false)
        }
        // The token must stand before the customer is read, or a change in between would be overwritten.
        redis.send(fill.begin, within: 20_000_000) { [self] answer in
            let mayStore = if case .success(.status) = answer { true } else { false }
            call(identity, mayStore ? fill : nil, isRetry: false)
        }
    }

    /// Ends all calls.
    func close() { channel.close() }

    private func call(_ identity: Identity, _ fill: CacheFill?, isRetry: Bool) {
        let request = GetCustomerRequest(
            customerID: identity.customer.description, merchantID: identity.merchant.description)
        request.encode { count, write in
            _ = channel.call(
                Self.method, deadline: loop.now.advanced(by: Self.patience), byteCount: count, write
            ) { [self] answer in
                answered(identity, fill, isRetry: isRetry, answer)
            }
        }
    }

    private func answered(_ identity: Identity, _ fill: CacheFill?, isRetry: Bool, _ answer: GRPCAnswer) {
        switch answer.status.code {
        case .ok:
            breaker.succeeded()
            budget.earn()
            guard let customer = try? GetCustomerResponse(decoding: answer.message) else {
                return finish(identity, .unavailable)
            }
            let language = Locale.canonical(customer.language) ?? "en"
            if let fill { store(language, fill) }
            finish(identity, .known(language: language))
        case .notFound, .invalidArgument:
            breaker.succeeded()
            budget.earn()
            finish(identity, .unknown)
        case .unavailable where !isRetry && budget.spend():
            breaker.failed(at: loop.now)
            call(identity, fill, isRetry: true)
        default:
            breaker.failed(at: loop.now)
            finish(identity, .unavailable)
        }
    }

    private func store(_ language: String, _ fill: CacheFill) {
        let seconds = WallClock.milliseconds() / 1_000
        redis.send(
            fill.store(
                [(name: "locale", value: language), (name: "checked_at", value: String(seconds))],
                seconds: TimeToLive.eligibility)
        ) { _ in }
    }

    private func finish(_ identity: Identity, _ answer: Answer) {
        for completion in waiting.removeValue(forKey: identity) ?? [] { completion(answer) }
    }
}
