import Glibc
import Kafka
import Lifecycle
import RedriveSimulation
import TestSupport

/// How many events wait for a server that starts, and what it may take to count them.
package struct BurstPlan: Sendable {
    package var events = 200_000
    package var customers = 20_000
    package var merchants = 400
    package var partitions = 6
    package var seed: UInt64 = 1
    /// The server's executable; nil for the one beside this.
    package var server: String?
    /// Events a second at least, and microseconds of the server's processor time for an event at most.
    package var bounds = (perSecond: 20_000.0, microseconds: 25.0)

    package init() {}
}

/// A server that finds a burst of `points.earned` waiting: ledger, totals, boards, rules and marks until nothing waits any
/// more, then every total and every board beside a reference.
package struct BurstProof {
    private let plan: BurstPlan

    package init(_ plan: BurstPlan) { self.plan = plan }

    package func run() async throws -> BurstReport {
        let stack = try await ServerStack(partitions: plan.partitions, server: plan.server)
        for rule in ServerStack.rules { try await stack.translate(rule.badge) }
        let events = events()
        try await stack.publish(
            events.enumerated().map { number, event in
                stack.records.points(
                    number, customer: event.customer, merchant: event.merchant, points: event.points)
            }, to: "points.earned")
        let instance = try await stack.start(waitsForReady: false)
        let (counted, seconds) = try await watch(stack, instance)
        let lag = GroupLag(stack)
        guard await eventually(deadline: 60, { await lag.lag() == 0 }) else {
            throw TestSupportError("the group's lag does not come to 0")
        }
        let processor = try instance.processorSeconds()
        let boards = Boards(stack)
        _ = try await eventually(deadline: 60) { try await boards.areFilled() }
        return BurstReport(
            plan: plan, perSecond: Double(counted) / seconds,
            microseconds: processor * 1e6 / Double(plan.events),
            awards: Int(try await stack.sql("SELECT count(*) FROM badge_awards")) ?? 0,
            memory: try instance.memory("VmHWM"),
            faults: try await PointsAccount(stack, events, merchants: plan.merchants).faults())
    }

    private func events() -> [PointsFeed.Event] {
        var random = SplitMix64(seed: plan.seed)
        return (0..<plan.events).map { _ in
            let customer = Int.random(in: 0..<plan.customers, using: &random)
            return PointsFeed.Event(
                customer: customer, merchant: customer % plan.merchants,
                points: Int64.random(in: 1...14, using: &random))
        }
    }

    /// Events that were counted between the first look that sees any and the one that sees all, and the seconds between.
    private func watch(_ stack: ServerStack, _ instance: ServerInstance) async throws -> (Int, Double) {
        var first: (count: Int, at: Double)?
        let isCounted = try await eventually(deadline: 180) {
            guard instance.process.isRunning else {
                throw TestSupportError("the server has ended: \(instance.process.errors.suffix(2_000))")
            }
            let count = Int(try await stack.sql("SELECT count(*) FROM points_ledger")) ?? 0
            if count > 0, first == nil { first = (count, monotonicSeconds()) }
            return count >= plan.events
        }
        guard isCounted, let first else { throw TestSupportError("not all events were counted") }
        return (plan.events - first.count, monotonicSeconds() - first.at)
    }
}

extension ServerInstance {
    /// User and system time since it started.
    func processorSeconds() throws -> Double {
        let text = try readText("/proc/\(process.pid)/stat")
        // After the name, which may hold spaces; utime and stime are the fields 14 and 15 of proc(5).
        let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else {
            throw TestSupportError("no processor time in /proc/PID/stat")
        }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
