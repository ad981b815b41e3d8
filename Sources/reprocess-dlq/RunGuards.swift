import CommandLine
import Kafka
import Lifecycle
import Redrive
import Synchronization
import ToolKit

/// Watches one run from beside it: time and lag. What stops it says why.
final class RunGuards: Sendable {
    private let options: GuardOptions
    private let lag: LagGuard?
    private let controls: RunControls
    private let began: MonotonicInstant
    private let timer = Mutex<Ticker?>(nil)
    private let timeIsUp = Mutex(false)

    /// - Parameters:
    ///   - watched: consumers whose lag a report is to show.
    ///   - began: when the program did; `--run-time` counts from then.
    init(
        _ options: GuardOptions, kafka: KafkaConfiguration, watched: [LagLimit], controls: RunControls,
        began: MonotonicInstant, say: @escaping @Sendable (String) -> Void
    ) throws(KafkaError) {
        self.options = options
        self.controls = controls
        self.began = began
        lag =
            options.lag.limits.isEmpty && watched.isEmpty
            ? nil
            : try LagGuard(
                kafka, limits: options.lag.limits, watched: watched, longest: options.lag.longest, controls: controls,
                say: say)
    }

    /// - Throws: `KafkaError` where a lag cannot be asked for.
    func start() throws(KafkaError) {
        try lag?.start()
        guard options.runTime != nil else { return }
        let ticker = Ticker(milliseconds: 100) { [weak self] in self?.checkTime() }
        timer.withLock { $0 = ticker }
    }

    func stop() {
        timer.withLock { timer in
            timer?.stop()
            timer = nil
        }
        lag?.stop()
    }

    /// The lags as they were last seen, by topic and group.
    var lags: [LagLimit: Int64] { lag?.lags ?? [:] }

    private func checkTime() {
        guard let limit = options.runTime, MonotonicInstant.now().seconds(since: began) >= limit / .seconds(1) else {
            return
        }
        timeIsUp.withLock { $0 = true }
        controls.stop()
    }

    /// Why the run ended before its end, where a guard wanted that.
    func refusal(_ outcome: LaneOutcome, remaining: Int64) -> Refusal? {
        if case .bounded(let bound) = outcome {
            let flag = bound == .parked ? "--max-parked" : "--max-errors"
            return Refusal(
                .stoppedEarly,
                bound == .parked
                    ? "one more record would be parked, and \(flag) does not allow it; look with list, then run again"
                    : "one more record cannot be published, and \(flag) does not allow it; look with list, then run again"
            )
        }
        guard outcome == .stopped, remaining > 0 else { return nil }
        if let expired = lag?.expired { return Refusal(.stoppedEarly, expired) }
        if timeIsUp.withLock({ $0 }) {
            return Refusal(.stoppedEarly, "the --run-time is over and work is left; progress is kept, run again")
        }
        return nil
    }
}
