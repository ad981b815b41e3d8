import EventLoop
import Glibc
import Lifecycle
import Observability
import Redis
import RedisKit
import SchemaRegistry

/// The saga as a part of the server: it starts when the first checks have passed, stops before anything it needs, and
/// tells the dependencies' board and the metrics how it fares.
final class SagaPart {
    private static let tick: Int64 = 500_000_000
    /// How often the dead-letter queue is measured, in nanoseconds.
    private static let measurePause: Int64 = 30_000_000_000

    private unowned let context: ServerContext
    private let options: SagaOptions
    private let status = SagaStatus()
    private let stop = StopFlag()
    private let executor = BlockingExecutor(name: "saga")
    private let metrics: SagaMetrics
    private let awards: LoopAwards
    private let desk: LoopAwards.Desk
    private var timer: LoopTimer?
    private var hangup: SignalWatch?
    private var isRunning = false
    private var isMeasuring = false
    private var measureAt = MonotonicInstant(nanoseconds: 0)
    private var whenEnded: (() -> Void)?
    private var known: Set<String> = []

    static func add(to context: ServerContext) throws {
        let part = try SagaPart(context)
        part.timer = try LoopTimer(context.loop) { part.turn() }
        part.timer?.start(afterNanoseconds: 0)
        part.hangup = try SignalWatch(context.loop, signal: SIGHUP) { part.reload() }
        context.onShutdown(.intake) { done in part.end(done) }
    }

    private init(_ context: ServerContext) throws {
        self.context = context
        options = context.options.saga
        metrics = SagaMetrics(context.metrics)
        (awards, desk) = try LoopAwards.make(context)
    }

    private func turn() {
        if !isRunning, !stop.isSet, context.board.isReady { start() }
        let snapshot = status.snapshot
        metrics.take(snapshot)
        tell(snapshot)
        if context.board.isReady, !isMeasuring, measureAt <= .now() { measure() }
        if timer != nil { timer?.start(afterNanoseconds: Self.tick) }
    }

    private func start() {
        guard let configuration else { return }
        isRunning = true
        let (rules, initial, awards, status, log, stop) = (
            options.rules, options.initialRules, awards, status, context.log, stop
        )
        let executor = executor
        context.background.run({ () async -> String? in
            await Task(executorPreference: executor) {
                do {
                    let driver = try SagaDriver(
                        configuration, rules: rules, initialRules: initial, awards: awards, status: status, log: log,
                        stop: stop)
                    try await driver.run()
                    return nil
                } catch {
                    return "\(error)"
                }
            }.value
        }) { [self] failure in
            if let failure { context.log.error("the saga has ended: \(failure)") }
            context.board.set("saga", failure)
            whenEnded?()
            whenEnded = nil
            isRunning = false
        }
    }

    private var configuration: SagaConfiguration? {
        let options = context.options
        guard let registry = options.registry, let postgres = options.postgres, let caches = options.redis.caches,
            let durable = options.redis.durable
        else { return nil }
        var configuration = SagaConfiguration(
            kafka: options.kafka, registry: registry, postgres: postgres, durableRedis: durable, cacheRedis: caches)
        configuration.group = self.options.group
        configuration.keyStyle =
            switch options.redis.keyStyle {
            case .auto: nil
            case .plain: .plain
            case .tagged: .tagged
            }
        configuration.settings.flood = self.options.flood
        return configuration
    }

    /// What is degraded, on the board by dependency; what is well again is taken back.
    private func tell(_ snapshot: SagaStatus.Snapshot) {
        var reasons = snapshot.degraded
        reasons["consumption"] = snapshot.pauseReason
        reasons["rules"] = snapshot.rulesProblem
        for name in known.subtracting(reasons.keys) { context.board.set(name, nil) }
        for (name, reason) in reasons { context.board.set(name, reason) }
        known.formUnion(reasons.keys)
    }

    /// Reads the rules again; a file with mistakes changes nothing.
    private func reload() {
        let (rules, status, log) = (options.rules, status, context.log)
        context.background.runBlocking(
            "rules",
            { () -> String? in
                do throws(RulesSource.Refusal) {
                    let count = try rules.reload().count
                    log.info("badge rules read again: \(count) in force")
                    return nil
                } catch {
                    log.error("the badge rules in force are kept: \(error)")
                    return error.description
                }
            }
        ) { problem in
            status.update {
                $0.rulesProblem = problem.map { "the file was refused, the rules before it are kept: \($0)" }
            }
        }
    }

    private func measure() {
        isMeasuring = true
        let watch = QueueSizeWatch(
            kafka: context.options.kafka, topic: SagaTopics().deadLetters, group: options.drainGroup,
            progressTopic: "gamification.redrive.progress", stop: stop)
        context.background.runBlocking("dlq-size", { Result { try watch.size() } }) { [self] size in
            isMeasuring = false
            measureAt = .now().advanced(by: Self.measurePause)
            switch size {
            case .success(let size): metrics.queueSize.set(Double(size))
            case .failure(let error): context.log.warning("the dead-letter queue cannot be measured: \(error)")
            }
        }
    }

    private func end(_ done: @escaping () -> Void) {
        timer?.cancel()
        timer = nil
        hangup = nil
        stop.set(.terminate)
        guard isRunning else { return done() }
        whenEnded = done
    }
}
