import Glibc
import RedriveProofs
import TestSupport
import Testing

@Suite("Brokers that fail", ScratchKafka.requirement, .timeLimit(.minutes(6)))
struct BrokerFaultTests {
    @Test("A broker killed and restarted, then frozen, in mid-run: the drain goes on")
    func awayForAWhile() async throws {
        let kafka = try await ScratchKafka.start()
        let trial = try await Trial("away", on: kafka, partitions: 2, records: 1_500)
        let copy = try trial.start(run: "copy", rate: 80)
        try await trial.waitUntilPublished(by: copy, atLeast: 50)
        try await kafka.nodes[0].kill()
        await trial.pass(30)
        try kafka.nodes[0].start()
        try await kafka.waitUntilReady()
        let afterKill = trial.watch.delivered
        let goesOn = await eventually(deadline: 90) {
            trial.watch.delivered > afterKill + 50 || !copy.process.isRunning
        }
        #expect(goesOn && copy.process.isRunning, "\(copy.process.output)\(copy.process.errors)")
        kafka.nodes[0].freeze()
        await trial.pass(30)
        kafka.nodes[0].thaw()
        let result = try await copy.wait(deadline: 150)
        #expect(result.exitCode == 0, "\(result.account)")
        await trial.expectEachOnce(count: 3_000)
    }

    @Test(
        "A broker that goes for good, or stands still for good, ends the run with exit 5; the next one finds everything in order",
        arguments: [false, true])
    func awayForGood(standsStill: Bool) async throws {
        let kafka = try await ScratchKafka.start()
        let trial = try await Trial("gone-broker", on: kafka, partitions: 2, records: 500)
        let runs = "\(trial.topics.source).runs"
        try await kafka.createTopic(named: runs, partitions: 1, settings: ["cleanup.policy": "compact"])
        let copy = try trial.start(run: "copy", rate: 100, options: ["--runs-topic", runs])
        try await trial.waitUntilPublished(by: copy, atLeast: 100)
        if standsStill { kafka.nodes[0].freeze() } else { try await kafka.nodes[0].kill() }
        let goneAt = monotonicSeconds()
        let result = try await copy.wait(deadline: 150)
        #expect(result.exitCode == 5, "\(result.account)")
        // 75 s of patience, however many calls ran into the outage, and some seconds to end.
        let seconds = monotonicSeconds() - goneAt
        #expect(seconds > 60 && seconds < 95, "it took \(seconds) s")
        if standsStill { kafka.nodes[0].thaw() } else { try kafka.nodes[0].start() }
        try await kafka.waitUntilReady()
        let next = try await trial.drain(run: "next", deadline: 150)
        #expect(next.exitCode == 0, "\(next.account)")
        await trial.expectEachOnce(count: 1_000)
    }

    @Test("A frozen broker: the first signal ends the wait for the group's offsets")
    func signalWhileFrozen() async throws {
        let kafka = try await ScratchKafka.start()
        let trial = try await Trial("frozen", on: kafka, partitions: 2, records: 10)
        let copy = try trial.start(run: "copy", options: ["--follow"])
        #expect(await eventually(deadline: 60) { trial.watch.delivered == 20 })
        kafka.nodes[0].freeze()
        let other = try trial.start(run: "other", options: ["--follow"])
        await trial.pass(2)
        other.process.signal(SIGTERM)
        let result = try await other.wait(deadline: 40)
        #expect(result.exitCode == 143, "\(result.account)")
        kafka.nodes[0].thaw()
        copy.process.signal(SIGTERM)
        #expect(try await copy.wait().exitCode == 143)
        await trial.expectEachOnce(count: 20)
    }

    @Test("Three brokers killed and restarted one after the other, with two copies")
    func threeBrokers() async throws {
        let kafka = try await ScratchKafka.start(nodes: 3, heap: "-Xmx384m -Xms128m")
        let trial = try await Trial("three", on: kafka, partitions: 4, records: 1_500)
        let copies = try (0..<2).map { try trial.start(run: "copy-\($0)", rate: 150) }
        for copy in copies { try await trial.waitUntilPublished(by: copy) }
        for node in kafka.nodes {
            try await node.kill()
            // On a slow machine the copies may be done before the last broker is killed.
            let wanted = min(trial.watch.delivered + 20, 6_000)
            let goesOn = await eventually(deadline: 90) { trial.watch.delivered >= wanted }
            #expect(goesOn, "nothing was delivered without node \(node.id)")
            try node.start()
            try await kafka.waitUntilReady()
        }
        for copy in copies {
            let result = try await copy.wait(deadline: 150)
            #expect(result.exitCode == 0, "\(result.account)")
        }
        let last = try await trial.drain(run: "last")
        #expect(last.exitCode == 0, "\(last.account)")
        await trial.expectEachOnce(count: 6_000)
    }
}

extension Trial {
    /// Lets time pass: here the length of the outage is what is tested.
    func pass(_ seconds: Double) async {
        let end = monotonicSeconds() + seconds
        _ = await eventually(deadline: seconds + 5) { monotonicSeconds() >= end }
    }
}
