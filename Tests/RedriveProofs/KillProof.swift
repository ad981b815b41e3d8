import Glibc
import RedriveSimulation
import Synchronization
package import TestSupport

/// Kills copies of a drain at random moments and starts new ones until the kills are used up, then lets them finish, with
/// readers beside them all the time.
package final class KillProof: Sendable {
    private struct State: Sendable {
        var report = KillReport()
        var random: SplitMix64
        /// Dead copies of which it is not yet known whether they had a transaction open.
        var undecided: Set<String> = []
        /// Slots that still start copies.
        var slots: Int
        var isOver = false
    }

    private let kafka: ScratchKafka
    private let topics: RedriveTopics
    private let plan: KillPlan
    private let watch: DestinationWatch
    private let state: Mutex<State>
    private let started = monotonicSeconds()
    private let tell: @Sendable (String) -> Void

    /// Makes and fills the topics.
    ///
    /// - Parameter tell: told in a line how it goes.
    package init(_ kafka: ScratchKafka, _ plan: KillPlan, tell: @escaping @Sendable (String) -> Void = { _ in })
        async throws
    {
        self.kafka = kafka
        self.plan = plan
        self.tell = tell
        topics = RedriveTopics("kills", partitions: plan.partitions)
        try await topics.create(on: kafka, keepsProgress: plan.keepsProgress)
        try await Seeder(kafka.bootstrapServers).fill(
            topics.source, partitions: 0..<plan.partitions, records: 0..<plan.recordsPerPartition)
        watch = try DestinationWatch(kafka, topics, recordsPerPartition: plan.recordsPerPartition)
        state = Mutex(State(random: SplitMix64(seed: plan.seed), slots: plan.copies))
    }

    private var total: Int { plan.recordsPerPartition * plan.partitions }
    private var secondsLeft: Double { plan.deadline - (monotonicSeconds() - started) }

    /// Does it all.
    package func run() async throws -> KillReport {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let observer = Task { await observe() }
            for slot in 0..<plan.copies { group.addTask { try await self.keepKilling(slot) } }
            if plan.killsBrokers { group.addTask { try await self.keepKillingBrokers() } }
            try await group.waitForAll()
            // Nothing may be left for one more copy.
            try await finish(DrainCopy(kafka, topics, run: "last", options: plan.options))
            state.withLock { $0.isOver = true }
            await observer.value
        }
        return try await account()
    }

    // MARK: - Copies

    /// One copy after the other, until the kills are used up and the last copy has ended by itself.
    private func keepKilling(_ slot: Int) async throws {
        defer { state.withLock { $0.slots -= 1 } }
        var number = 0
        while secondsLeft > 0 {
            number += 1
            // Three of four show their open transactions; the fourth is as an operator starts it.
            let copy = try DrainCopy(
                kafka, topics, run: "copy-\(slot)-\(number)", rate: rate,
                options: plan.options + (number.isMultiple(of: 4) ? [] : DrainCopy.sendingAtOnce))
            state.withLock { $0.report.starts += 1 }
            guard killsLeft > 0 else { return try await finish(copy) }
            guard try await killAtRandom(copy) else { return }
        }
    }

    private var killsLeft: Int { plan.kills - state.withLock(\.report.kills) }

    /// So slow that records are left for the last kill: a copy lives for up to six seconds after its first record. What is
    /// not used up makes the later ones faster.
    private var rate: Int? {
        let kills = killsLeft
        return kills > 0 ? max(20, (total - watch.delivered) / (3 * kills)) : nil
    }

    /// - Returns: false where there is nothing left to kill for.
    private func killAtRandom(_ copy: DrainCopy) async throws -> Bool {
        let hasBegun = await eventually(deadline: min(180, secondsLeft)) {
            watch.attempts { $0.attempts(by: copy.run) } > 0 || !copy.process.isRunning || killsLeft <= 0
        }
        if killsLeft <= 0 {
            try await finish(copy)
            return false
        }
        if hasBegun {
            await pass(drawDelay(), while: copy)
            await waitForTransaction(of: copy)
        }
        guard copy.process.isRunning else {
            try await end(copy)
            return watch.delivered < total
        }
        copy.process.signal(SIGKILL)
        let result = try await copy.wait(deadline: 10)
        guard hasBegun else {
            fail("\(copy.run) published nothing in 180 s: \(result.account)")
            return true
        }
        countKill(of: copy)
        await pass(drawPause(), while: nil)
        return true
    }

    /// Seven of eight kills wait until the copy has a transaction open, so that the machine's speed does not decide how many
    /// do; a copy that opens none for five seconds is killed all the same.
    private func waitForTransaction(of copy: DrainCopy) async {
        guard !plan.options.contains("at-least-once"), state.withLock({ !$0.random.oneIn(8) }) else { return }
        _ = await eventually(deadline: 5) {
            if !copy.process.isRunning { return true }
            return await watch.openWriters().contains(copy.run)
        }
    }

    /// Mostly soon after the copy has begun to publish, sometimes later, when it has been through a rebalance.
    private func drawDelay() -> Double {
        state.withLock { state in
            Double.random(in: 0..<(state.random.oneIn(4) ? 6 : 1.5), using: &state.random)
        }
    }

    /// Mostly none; sometimes so long that the others take over.
    private func drawPause() -> Double {
        state.withLock { state in
            state.random.oneIn(4) ? Double.random(in: 0..<8, using: &state.random) : 0
        }
    }

    /// Lets a random time pass: the moment of the kill is what is drawn by lot.
    private func pass(_ seconds: Double, while copy: DrainCopy?) async {
        let end = monotonicSeconds() + seconds
        _ = await eventually(deadline: seconds + 1) {
            monotonicSeconds() >= end || copy?.process.isRunning == false
        }
    }

    private func countKill(of copy: DrainCopy) {
        let line = state.withLock { state in
            state.report.kills += 1
            state.undecided.insert(copy.run)
            return "kill \(state.report.kills) of \(plan.kills): \(copy.run); \(state.report.insideTransaction) so far "
                + "inside a transaction"
        }
        tell("\(line), \(watch.delivered) of \(total) records delivered, \(Int(monotonicSeconds() - started)) s")
    }

    private func finish(_ copy: DrainCopy) async throws {
        _ = try await copy.wait(deadline: max(60, secondsLeft))
        try await end(copy)
    }

    /// One broker after the other, as long as copies are killed; each comes back before the next one goes.
    private func keepKillingBrokers() async throws {
        while secondsLeft > 0 {
            for node in kafka.nodes {
                guard killsLeft > 0, state.withLock(\.slots) > 0 else { return }
                let (outage, pause) = state.withLock { state in
                    (
                        Double.random(in: 1..<12, using: &state.random),
                        Double.random(in: 2..<10, using: &state.random)
                    )
                }
                try await node.kill()
                await pass(outage, while: nil)
                try node.start()
                try await kafka.waitUntilReady()
                state.withLock { $0.report.brokerKills += 1 }
                tell("broker \(node.id) killed and restarted after \(Int(outage)) s")
                await pass(pause, while: nil)
            }
        }
    }

    /// A copy that was not killed must have ended well.
    private func end(_ copy: DrainCopy) async throws {
        let result = try await copy.wait(deadline: 10)
        guard result.status != .exited(0) || result.timedOut else { return }
        fail("\(copy.run): \(result.account)")
    }

    private func fail(_ account: String) {
        tell(account)
        state.withLock { state in
            if state.report.failures.count < 20 { state.report.failures.append(account) }
        }
    }

    // MARK: - Transactions

    /// Watches, until the proof is over and every dead copy is decided on, whose transactions were left open.
    private func observe() async {
        _ = await eventually(deadline: plan.deadline + 120) {
            let dead = state.withLock(\.undecided)
            guard !dead.isEmpty else { return state.withLock(\.isOver) }
            // In this order: a transaction that ends between the two questions counts for nothing.
            let open = await watch.openWriters().intersection(dead)
            let settled = await watch.settledWriters(among: dead).subtracting(open)
            state.withLock { state in
                state.report.insideTransaction += open.count
                state.undecided.subtract(open.union(settled))
            }
            return false
        }
    }

    // MARK: - Account

    private func account() async throws -> KillReport {
        var report = state.withLock(\.report)
        report.settled = await watch.settle(deadline: 90)
        let ledger = watch.ledger
        report.records = total
        report.lost = ledger.missing().count
        report.twice = ledger.twice
        report.disordered = ledger.disordered
        report.altered = ledger.altered
        report.faults = ledger.faults
        report.aborted = watch.attempts(\.attempts) - ledger.delivered
        report.parked = try await TopicCount.of(topics.parked, partitions: 1, on: kafka).records
        report.seconds = monotonicSeconds() - started
        return report
    }
}
