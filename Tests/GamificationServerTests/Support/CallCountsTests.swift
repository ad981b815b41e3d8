import GRPC
import Lifecycle
import Observability
import Testing

@testable import gamification_server

@Suite("Counts of calls")
struct CallCountsTests {
    @Test("A call is counted however it ends: late and abandoned ones are errors, and in the latency of awards")
    func ends() {
        let metrics = ServerMetrics()
        let counts = CallCounts(metrics)
        let start = MonotonicInstant(nanoseconds: 0)
        let codes: [GRPCCode] = [.ok, .ok, .deadlineExceeded, .cancelled, .notFound]
        for code in codes {
            counts.note(
                GRPCCallReport(
                    method: AwardBadgeMethod.path, code: code, start: start, end: start.advanced(by: 1_000_000)))
        }
        counts.note(GRPCCallReport(method: nil, code: .unimplemented, start: start, end: start))
        let text = metrics.registry.exposition()
        for line in [
            "gamification_badge_latency_seconds_count 5",
            "gamification_grpc_calls_total{method=\"/gamification.v1/AwardBadge\",code=\"OK\"} 2",
            "gamification_grpc_calls_total{method=\"unknown\",code=\"UNIMPLEMENTED\"} 1",
            "gamification_errors_total{error_type=\"deadline_exceeded\"} 1",
            "gamification_errors_total{error_type=\"cancelled\"} 1",
            "gamification_errors_total{error_type=\"not_found\"} 1",
        ] {
            #expect(text.contains(line), "\(line) in \(text)")
        }
        #expect(!text.contains("error_type=\"ok\""))
    }
}
