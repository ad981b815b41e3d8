import EventLoop
import GRPC
import GamificationProtocol
import Glibc
import Lifecycle

/// Keeps a number of calls in flight until so many were made, and says how long they took.
final class Load {
    enum Kind: String {
        case new
        case fresh
        case cached
        case unknown
        case race
    }

    /// Badges of one customer in `new`.
    private static let badges = ["first-purchase", "early-bird", "regular", "collector", "champion"]

    private let loop: EventLoop
    private let channels: [GRPCChannel]
    private let method = GRPCMethod("/gamification.v1/AwardBadge")
    private let kind: Kind
    private let calls: Int
    private let inFlight: Int
    private let merchants: Int
    private let seed: UInt64
    private var begun = 0
    private var latencies: [Int64] = []
    private var outcomes: [String: Int] = [:]

    init(
        targets: [(host: String, port: UInt16)], kind: Kind, calls: Int, inFlight: Int, merchants: Int, seed: UInt64
    ) throws {
        let loop = try EventLoop()
        var configuration = GRPCChannelConfiguration()
        configuration.maxCalls = inFlight + 1
        self.loop = loop
        channels = try targets.map { try GRPCChannel(loop, host: $0.host, port: $0.port, configuration: configuration) }
        self.kind = kind
        self.calls = calls
        self.inFlight = inFlight
        self.merchants = max(1, merchants)
        self.seed = seed
        latencies.reserveCapacity(calls)
    }

    func run() {
        let start = loop.now
        for _ in 0..<min(inFlight, calls) { next() }
        loop.run()
        report(seconds: loop.now.seconds(since: start))
    }

    private func next() {
        let number = begun
        begun += 1
        let start = loop.now
        let channel = channels[number % channels.count]
        let deadline = start.advanced(bySeconds: 5)
        request(number).encode { count, write in
            _ = channel.call(method, deadline: deadline, waitsForReady: true, byteCount: count, write) {
                [self] answer in
                ended(answer, start)
            }
        }
    }

    private func ended(_ answer: GRPCAnswer, _ start: MonotonicInstant) {
        latencies.append(loop.now.nanoseconds(since: start))
        var outcome = answer.status.code.description
        if answer.status.code == .ok, let response = try? AwardBadgeResponse(decoding: answer.message) {
            outcome = response.status == .awarded ? "AWARDED" : "ALREADY_AWARDED"
        }
        outcomes[outcome, default: 0] += 1
        if begun < calls { next() } else if latencies.count == calls { loop.stop() }
    }

    private func request(_ number: Int) -> AwardBadgeRequest {
        let perCustomer = kind == .fresh ? 1 : Self.badges.count
        // Each award four times, the calls next to each other, on all targets in turn.
        let number = kind == .race ? number / 4 : number
        let customer = number / perCustomer
        let badge = kind == .unknown ? "no-such-badge-\(seed)-\(number)" : Self.badges[number % perCustomer]
        let space: UInt64 = kind == .fresh ? 0xF : 0xA
        return AwardBadgeRequest(
            merchantID: Self.uuid(0x1000_0000, UInt64(customer % merchants)),
            customerID: Self.uuid(seed << 4 | space, UInt64(customer)), badge: badge, locale: "en")
    }

    private static func uuid(_ space: UInt64, _ number: UInt64) -> String {
        func hex(_ value: UInt64, _ digits: Int) -> String {
            let text = String(value, radix: 16)
            return String(repeating: "0", count: max(0, digits - text.count)) + text.suffix(digits)
        }
        return "\(hex(space, 8))-0000-4000-8000-\(hex(number, 12))"
    }

    private func report(seconds: Double) {
        latencies.sort()
        func percentile(_ share: Double) -> String {
            guard !latencies.isEmpty else { return "-" }
            let index = min(latencies.count - 1, Int(Double(latencies.count) * share))
            return "\(Double(latencies[index] / 1_000) / 1_000)"
        }
        let ended = outcomes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        print(
            "KIND=\(kind.rawValue) CALLS=\(latencies.count) SECONDS=\(seconds) PER_SECOND=\(Int(Double(latencies.count) / seconds))"
        )
        print(
            "P50_MS=\(percentile(0.5)) P99_MS=\(percentile(0.99)) P999_MS=\(percentile(0.999)) MAX_MS=\(percentile(1))")
        print(ended)
    }
}
