import EventLoop
import LoopTestSupport
import RedriveSimulation
import Synchronization
import TestSupport

/// Two servers under load while they, Kafka, Redis and PostgreSQL are killed and started again in turn; then everything that
/// was answered is looked for, and everything that is there for its reason.
package final class ServerProof: Sendable {
    package let stack: ServerStack
    private let plan: ServerPlan
    private let feed: PointsFeed
    private let load: LoopThread<AwardLoad>
    private let instances: Mutex<[ServerInstance]>
    private let random: Mutex<SplitMix64>
    private let tell: @Sendable (String) -> Void
    private let started = monotonicSeconds()

    /// Starts everything.
    ///
    /// - Parameter tell: told in a line how it goes.
    package init(_ plan: ServerPlan, tell: @escaping @Sendable (String) -> Void = { _ in }) async throws {
        self.plan = plan
        self.tell = tell
        let stack = try await ServerStack(redis: ["--appendonly", "yes"])
        self.stack = stack
        for badge in AwardMix.badges + ServerStack.rules.map(\.badge) { try await stack.translate(badge) }
        let first = try await stack.start()
        let second = try await stack.start()
        instances = Mutex([first, second])
        random = Mutex(SplitMix64(seed: plan.seed))
        let feed = PointsFeed(
            stack, merchants: plan.merchants, perSecond: plan.pointsPerSecond, seed: plan.seed &+ 1)
        self.feed = feed
        var mix = AwardMix()
        mix.merchants = plan.merchants
        mix.unknown = 20
        mix.shared = 20
        mix.sharedCustomers = { feed.someCustomer(&$0) }
        let (chosen, ports) = (mix, [first.addresses.grpcPort, second.addresses.grpcPort])
        load = try await LoopThread { loop in
            try AwardLoad(
                loop, ports: ports, mix: chosen, perSecond: plan.awardsPerSecond, seed: plan.seed &+ 2)
        }
        feed.start()
    }

    /// Does it all.
    package func run() async throws -> ServerReport {
        var report = ServerReport()
        try await waitForSaga(feed.probe())
        for round in 1...max(1, plan.rounds) {
            let order = random.withLock { plan.outages.shuffled(using: &$0) }
            for outage in order {
                await pass(draw(plan.pause))
                let recovery = try await endure(outage)
                report.recoveries.append(recovery)
                tell(
                    "round \(round): \(outage.rawValue), away \(tenths(recovery.away)) s; then awards after "
                        + "\(tenths(recovery.calls)) s, saga after \(tenths(recovery.saga)) s"
                        + (recovery.boards.map { ", boards after \(tenths($0)) s" } ?? "")
                        + "; \(Int(monotonicSeconds() - started)) s so far")
            }
        }
        try await settle(&report)
        try await judge(&report)
        for instance in instances.withLock({ $0 }) where !instance.process.isRunning {
            report.fail(["a server has ended by itself: \(instance.process.errors.suffix(2_000))"])
        }
        report.seconds = monotonicSeconds() - started
        return report
    }

    /// Compares what is there with what was answered and published, once nothing is under way any more.
    package func judge(_ report: inout ServerReport) async throws {
        let ledger = try await load.run(\.ledger)
        try await Account(stack, feed, ledger, merchants: plan.merchants).judge(&report)
    }

    // MARK: - Outages

    private func endure(_ outage: Outage) async throws -> Recovery {
        try await load.run { $0.restartGap() }
        let start = monotonicSeconds()
        let pause = draw(plan.away)
        switch outage {
        case .firstInstance: try await replace(0)
        case .secondInstance: try await replace(1)
        case .kafka:
            for node in stack.kafka.nodes { try await node.kill() }
            await pass(pause)
            for node in stack.kafka.nodes { try node.start() }
            try await stack.kafka.waitUntilReady()
        case .redis, .emptyRedis:
            try await stack.redis.kill()
            await pass(pause)
            if outage == .emptyRedis { stack.redis.removeData() }
            try await stack.redis.resume()
        case .postgres:
            try await stack.postgres.kill()
            await pass(pause)
            try await stack.postgres.resume()
        }
        let back = monotonicSeconds()
        let probes = feed.probe()
        async let calls = waitForCalls(back)
        async let saga = waitForSaga(probes)
        let losesBoards = outage == .redis || outage == .emptyRedis
        let boards = losesBoards ? try await waitForBoards(back) : nil
        return Recovery(
            outage: outage, away: back - start, gap: try await load.run(\.longestGap), calls: try await calls,
            saga: try await saga - back, boards: boards)
    }

    private func replace(_ index: Int) async throws {
        let old = instances.withLock { $0[index] }
        old.process.signal(9)
        _ = try await old.process.wait(deadline: 10)
        let new = try await stack.start(at: old.addresses, waitsForReady: false)
        instances.withLock { $0[index] = new }
    }

    private func draw(_ limit: Double) -> Double { random.withLock { Double.random(in: 0..<limit, using: &$0) } }

    /// Lets a random time pass: the moment is what is drawn by lot.
    private func pass(_ seconds: Double) async {
        let end = monotonicSeconds() + seconds
        _ = await eventually(deadline: seconds + 1) { monotonicSeconds() >= end }
    }

    // MARK: - Recoveries

    /// Seconds since `back` until each instance has made a new award.
    private func waitForCalls(_ back: Double) async throws -> Double {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for channel in 0..<2 {
                group.addTask {
                    let isDone = Mutex(false)
                    try await self.load.run { load in load.probe(channel) { isDone.withLock { $0 = true } } }
                    guard await eventually(deadline: 90, { isDone.withLock { $0 } }) else {
                        throw TestSupportError("instance \(channel + 1) makes no awards: \(self.logs)")
                    }
                }
            }
            try await group.waitForAll()
        }
        return monotonicSeconds() - back
    }

    /// When these events had been counted.
    @discardableResult
    private func waitForSaga(_ events: Range<Int>) async throws -> Double {
        let ids = events.map { "'\(SagaRecords.event($0))'" }.joined(separator: ",")
        let isCounted = await eventually(deadline: 120) {
            (try? await stack.sql(
                """
                DO $$ BEGIN FOR i IN 1..40 LOOP
                    EXIT WHEN (SELECT count(*) FROM points_ledger WHERE event_id IN (\(ids))) = \(events.count);
                    PERFORM pg_sleep(0.05);
                END LOOP; END $$;
                SELECT count(*) FROM points_ledger WHERE event_id IN (\(ids))
                """)) == "\(events.count)"
        }
        guard isCounted else { throw TestSupportError("events are not counted: \(logs)") }
        return monotonicSeconds()
    }

    /// Seconds since `back` until every merchant's board is filled in the present epoch.
    private func waitForBoards(_ back: Double) async throws -> Double {
        let boards = Boards(stack)
        guard await eventually(deadline: 120, { (try? await boards.areFilled()) == true }) else {
            throw TestSupportError("boards are not filled: \(logs)")
        }
        return monotonicSeconds() - back
    }

    // MARK: - The end

    /// Ends the load and waits until nothing is under way any more.
    private func settle(_ report: inout ServerReport) async throws {
        try await load.run { $0.stop() }
        try await feed.stop()
        guard try await eventually(deadline: 120, { try await load.run(\.open) == 0 }) else {
            throw TestSupportError("\(try await load.run(\.open)) calls are never answered: \(logs)")
        }
        let group = GroupLag(stack)
        guard await eventually(deadline: 120, { await group.lag() == 0 }) else {
            throw TestSupportError("the saga has a lag of \(await group.lag().map(String.init) ?? "?"): \(logs)")
        }
        let letters = try await DeadLetters(stack).drain(until: { await group.lag() == 0 })
        report.fail(letters.faults(poison: feed.poison))
        report.figures.append(letters.description)
        let isPublished = await eventually(deadline: 120) {
            (try? await stack.sql("SELECT count(*) FROM badge_awards WHERE published_at IS NULL")) == "0"
        }
        if !isPublished { report.fail(["awards are left unpublished: \(logs)"]) }
        _ = try await waitForBoards(monotonicSeconds())
        tell("drained after \(Int(monotonicSeconds() - started)) s")
    }

    private var logs: String {
        instances.withLock { $0 }.enumerated().map { index, instance in
            "\ninstance \(index + 1):\n\(instance.process.errors.suffix(3_000))"
        }.joined()
    }
}
