package import Kafka
import Lifecycle
package import Redrive
import Synchronization

/// Lets a run wait, with no transaction open, while the consumers of its destination are behind.
///
/// Looks once a second, on a thread of its own. Where the lag cannot be learnt the run waits too: it would be working
/// blindly.
package final class LagGuard: Sendable {
    /// How the wait is called among the reasons to wait.
    package static let reason = "consumers"

    private struct State: Sendable {
        /// Since when it waits; nil where it works.
        var waitingSince: MonotonicInstant?
        var lags: [LagLimit: Int64] = [:]
        var expired: String?
        var ticker: Ticker?
    }

    private let kafka: KafkaConfiguration
    private let limits: [LagLimit]
    private let watched: [LagLimit]
    /// How long it may wait at a stretch.
    private let longest: Duration
    private let controls: RunControls
    private let say: @Sendable (String) -> Void
    private let state = Mutex(State())
    private let turn = Mutex(())
    private let admin: KafkaAdmin
    private let reader: KafkaConsumer

    /// - Parameters:
    ///   - watched: consumers that are looked at for a report, and never waited for.
    ///   - longest: after so long a wait the run is stopped.
    ///   - controls: of the run that waits.
    ///   - say: told in a sentence when a wait begins and ends.
    package init(
        _ kafka: KafkaConfiguration, limits: [LagLimit], watched: [LagLimit] = [], longest: Duration,
        controls: RunControls, say: @escaping @Sendable (String) -> Void
    ) throws(KafkaError) {
        self.kafka = kafka
        self.limits = limits
        self.watched = watched.filter { other in
            !limits.contains { $0.topic == other.topic && $0.group == other.group }
        }
        self.longest = longest
        self.controls = controls
        self.say = say
        admin = try KafkaAdmin(kafka)
        reader = try KafkaConsumer(kafka, group: nil, isolation: .readCommitted)
    }

    /// Looks once, so that the run does not begin before it is known, then every second until `stop`.
    ///
    /// - Throws: `KafkaError` where the lag cannot be asked for at all: a topic that does not exist, a missing right.
    package func start() throws(KafkaError) {
        try judge(timeout: .seconds(30))
        watch()
        let ticker = Ticker(milliseconds: 1_000) { [weak self] in self?.look() }
        state.withLock { $0.ticker = ticker }
    }

    /// Ends the looking. Blocking for as long as a look takes.
    package func stop() {
        let ticker = state.withLock { state in
            defer { state.ticker = nil }
            return state.ticker
        }
        ticker?.stop()
        turn.withLock { _ in }
        admin.close(timeout: .seconds(2))
        reader.close(timeout: .seconds(2))
    }

    /// The lags as they were last seen.
    package var lags: [LagLimit: Int64] { state.withLock(\.lags) }

    /// Why the run was stopped, where it was.
    package var expired: String? { state.withLock(\.expired) }

    private func look() {
        turn.withLock { _ in
            do throws(KafkaError) {
                try judge(timeout: .seconds(5))
                watch()
            } catch {
                wait("their lag cannot be learnt: \(error)")
            }
        }
        let since = state.withLock(\.waitingSince)
        guard let since, MonotonicInstant.now().seconds(since: since) > Double(longest.components.seconds) else {
            return
        }
        state.withLock { state in
            state.expired = state.expired ?? "the destination's consumers were behind for \(longest); see --lag-wait"
        }
        controls.stop()
    }

    /// One that cannot be asked for leaves a gap.
    private func watch() {
        for other in watched {
            let lag = try? ConsumerLag.records(
                of: other.group, on: other.topic, admin, reader, timeout: .seconds(2))
            state.withLock { $0.lags[other] = lag }
        }
    }

    private func judge(timeout: Duration) throws(KafkaError) {
        let isWaiting = state.withLock { $0.waitingSince != nil }
        var worst: (limit: LagLimit, lag: Int64)?
        for limit in limits {
            let lag = try ConsumerLag.records(of: limit.group, on: limit.topic, admin, reader, timeout: timeout)
            state.withLock { $0.lags[limit] = lag }
            // Once it waits it does so until they have caught up a little: else it would go on and off with every record.
            let bound = isWaiting ? limit.records - limit.records / 4 : limit.records
            if lag > bound, worst == nil { worst = (limit, lag) }
        }
        if let worst {
            wait(
                "\(worst.limit.group) is \(worst.lag) records behind on \(worst.limit.topic), more than \(worst.limit.records)"
            )
        } else if isWaiting {
            state.withLock { $0.waitingSince = nil }
            controls.resume(Self.reason)
            say("the destination's consumers have caught up; going on")
        }
    }

    private func wait(_ why: String) {
        let isNew = state.withLock { state in
            defer { state.waitingSince = state.waitingSince ?? .now() }
            return state.waitingSince == nil
        }
        controls.pause(Self.reason)
        if isNew { say("waiting for the destination's consumers: \(why)") }
    }
}
