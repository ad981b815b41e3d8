import GRPC
import Lifecycle
import Observability

/// Counts calls as they end, by method and code, without looking a label up for each; and how long awards took. A call whose
/// deadline passed, or whose client went away, ends as well.
final class CallCounts {
    private struct Method {
        var byCode: [Counter?]
        /// Of AwardBadge alone.
        let latency: Histogram?
    }

    private let metrics: ServerMetrics
    /// The server's own methods, and one name for all others.
    private var methods: [String: Method] = [:]
    private var errors: [Counter?]

    init(_ metrics: ServerMetrics) {
        self.metrics = metrics
        errors = Self.none
    }

    private static var none: [Counter?] { Array(repeating: nil, count: GRPCCode.allCases.count) }

    /// A call has ended.
    func note(_ report: GRPCCallReport) {
        let name = report.method ?? "unknown"
        let code = report.code.rawValue
        let method = methods[name] ?? learn(name)
        method.latency?.observe(report.end.seconds(since: report.start))
        (method.byCode[code] ?? learn(report.code, of: name)).add()
        if report.code != .ok { (errors[code] ?? learn(report.code)).add() }
    }

    private func learn(_ name: String) -> Method {
        let method = Method(
            byCode: Self.none, latency: name == AwardBadgeMethod.path ? metrics.badgeLatency : nil)
        methods[name] = method
        return method
    }

    private func learn(_ code: GRPCCode, of name: String) -> Counter {
        let counter = metrics.calls.with(name, code.description)
        methods[name]?.byCode[code.rawValue] = counter
        return counter
    }

    private func learn(_ code: GRPCCode) -> Counter {
        let counter = metrics.errors.with(code.description.lowercased())
        errors[code.rawValue] = counter
        return counter
    }
}
