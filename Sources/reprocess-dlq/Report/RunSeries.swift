import Lifecycle
import Redrive
import Synchronization
import ToolKit

/// How a run went along in time: a point a second, thinned out so that a long run takes no more room than a short one.
/// Any thread.
final class RunSeries: Sendable {
    struct Point: Sendable {
        /// Seconds since the beginning.
        let seconds: Double
        /// Records dealt with until then.
        let done: Int64
        /// By consumer, records behind.
        let lags: [LagLimit: Int64]
    }

    private struct State: Sendable {
        var points: [Point] = []
        var step = 1
        var calls = 0
    }

    private let began = MonotonicInstant.now()
    private let state = Mutex(State())
    private static let limit = 600

    /// Takes a point; to be called once a second.
    func add(done: Int64, lags: [LagLimit: Int64]) {
        let seconds = MonotonicInstant.now().seconds(since: began)
        state.withLock { state in
            state.calls += 1
            guard state.calls % state.step == 0 else { return }
            state.points.append(Point(seconds: seconds, done: done, lags: lags))
            guard state.points.count > Self.limit else { return }
            state.points = stride(from: 1, to: state.points.count, by: 2).map { state.points[$0] }
            state.step *= 2
        }
    }

    /// The points so far.
    var points: [Point] { state.withLock(\.points) }

    /// Records a second between the points.
    var rates: [(seconds: Double, value: Double)] {
        let points = points
        return zip(points, points.dropFirst()).compactMap { before, after in
            // The last piece may be so short that a single transaction in it would look like a leap.
            guard after.seconds - before.seconds > 0.5 else { return nil }
            return (
                after.seconds, max(0, Double(after.done - before.done) / max(0.001, after.seconds - before.seconds))
            )
        }
    }
}
