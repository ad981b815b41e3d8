import Lifecycle

@testable import SharedPacing

/// What the script does, in Swift, on a clock that a test turns.
struct ModelRedis {
    private var due: Int64?
    private var copies: [String: (share: Double, seen: Int64)] = [:]

    mutating func ask(copy: String, share: Double, rate: Double, limit: Int, at now: Int64) -> SharedRate.Answer {
        copies = copies.filter { $0.key == copy || abs(now - $0.value.seen) < SharedRate.silence }
        copies[copy] = (share, now)
        let total = rate * min(1, copies.values.map(\.share).reduce(0, +))
        guard total > 0 else { return .init(granted: 0, wait: nil) }
        let step = 1_000_000 / total
        var next = max(min(Double(due ?? now), Double(now) + step), Double(now - SharedRate.catchUp))
        var granted = 0
        if next <= Double(now) {
            granted = min(limit, Int(((Double(now) - next) / step).rounded(.down)) + 1)
            next += Double(granted) * step
        }
        due = Int64(next.rounded(.up))
        return .init(granted: granted, wait: max(0, Int64((next - Double(now)).rounded(.up))))
    }
}
