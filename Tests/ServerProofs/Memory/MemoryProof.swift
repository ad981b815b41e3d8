import EventLoop
import Lifecycle
import LoopTestSupport
import TestSupport

/// How long two servers are loaded with what they have never seen, and what their memory may do meanwhile.
package struct MemoryPlan: Sendable {
    package var seconds = 1_800.0
    package var seed: UInt64 = 1
    package var merchants = 10_000
    package var awardsPerSecond = 200.0
    package var pointsPerSecond = 200.0
    /// The server's executable; nil for the one beside this.
    package var server: String?
    /// How much more, or less, the last third's mean may be than the second's.
    package var margin = 0.05
    /// MiB that an instance may have at any time.
    package var limit = 256.0

    package init() {}
}

/// Two servers under load of ever-new customers, of badges that do not exist, and of very many merchants: their memory has to
/// stay what it is.
package struct MemoryProof {
    private static let pause = 2.0
    /// Badges that do not exist, asked for before memory is looked at: each instance remembers 20,000 names at most, and has
    /// all that it keeps about merchants by then.
    private static let warmNames = 45_000
    private static let warmRate = 1_500.0

    private let plan: MemoryPlan
    private let tell: @Sendable (String) -> Void

    package init(_ plan: MemoryPlan, tell: @escaping @Sendable (String) -> Void = { _ in }) {
        self.plan = plan
        self.tell = tell
    }

    package func run() async throws -> MemoryReport {
        let stack = try await ServerStack(server: plan.server)
        for badge in AwardMix.badges + ServerStack.rules.map(\.badge) { try await stack.translate(badge) }
        let instances = [try await stack.start(), try await stack.start()]
        let feed = PointsFeed(
            stack, merchants: plan.merchants, perSecond: plan.pointsPerSecond, seed: plan.seed &+ 1)
        var mix = AwardMix()
        (mix.merchants, mix.unknown, mix.isFresh) = (plan.merchants, 2, true)
        let (plan, chosen, ports) = (plan, mix, instances.map(\.addresses.grpcPort))
        let load = try await LoopThread { loop in
            try AwardLoad(loop, ports: ports, mix: chosen, perSecond: Self.warmRate, seed: plan.seed &+ 2)
        }
        feed.start()
        try await fillCaches(load)
        try await load.run { $0.perSecond = plan.awardsPerSecond }
        let samples = try await watch(instances)
        try await load.run { $0.stop() }
        try await feed.stop()
        let outcomes = try await load.run(\.ledger.outcomes)
        let missing = try await load.run(\.unknownBadges)
        let faults = try await load.run(\.ledger.faults)
        return MemoryReport(
            plan: plan, samples: samples, peaks: try instances.map { try $0.memory("VmHWM") },
            figures: [
                "\(outcomes["AWARDED"] ?? 0) awards to as many new customers, \(missing) of badges that do not exist, "
                    + "\(feed.events.count) events, \(plan.merchants) merchants"
            ], faults: faults)
    }

    /// Asks until what is bounded has come to its bounds, or for five minutes: a slow machine measures from then on.
    private func fillCaches(_ load: LoopThread<AwardLoad>) async throws {
        let start = monotonicSeconds()
        _ = try await eventually(deadline: 300) { try await load.run(\.unknownBadges) >= Self.warmNames }
        let names = try await load.run(\.unknownBadges)
        tell(
            "\(names) names that do not exist asked for in \(Int(monotonicSeconds() - start)) s, before the measurement"
        )
    }

    /// MiB of each instance, now and then.
    private func watch(_ instances: [ServerInstance]) async throws -> [[Double]] {
        var samples: [[Double]] = instances.map { _ in [] }
        let start = monotonicSeconds()
        var next = start
        while monotonicSeconds() < start + plan.seconds {
            next += Self.pause
            _ = await eventually(deadline: Self.pause + 1) { monotonicSeconds() >= next }
            for (index, instance) in instances.enumerated() {
                guard instance.process.isRunning else {
                    throw TestSupportError("a server has ended: \(instance.process.errors.suffix(2_000))")
                }
                samples[index].append(try instance.memory("VmRSS"))
            }
            if samples[0].count.isMultiple(of: 30) {
                let now = samples.map { "\(tenths($0.last ?? 0))" }.joined(separator: " and ")
                tell("\(Int(monotonicSeconds() - start)) s: \(now) MiB")
            }
        }
        return samples
    }
}

extension ServerInstance {
    /// A line of /proc/PID/status in kB, in MiB.
    func memory(_ name: String) throws -> Double {
        let line = try readText("/proc/\(process.pid)/status").split(separator: "\n").first { $0.hasPrefix(name + ":") }
        guard let number = line?.split(whereSeparator: { !$0.isNumber }).first.flatMap({ Double($0) }) else {
            throw TestSupportError("no \(name)")
        }
        return number / 1_024
    }
}
