import Glibc
import Kafka
import KafkaTestSupport
import Lifecycle
import TestSupport
import Testing

/// Kills in the middle of `apply`, `park` and `unpark`; those of `discard` and `restore` are tried with their own tests.
@Suite("jobs that are killed", ScratchKafka.requirement, .timeLimit(.minutes(5)))
struct JobKillTests {
    enum Job: String, CaseIterable, Sendable {
        case apply, park, unpark
    }

    @Test("lose nothing and double nothing", arguments: Job.allCases)
    func kills(job: Job) async throws {
        let stage = try await Stage.shared(.apacheKafka)
        let topic = try await stage.topic("kill-\(job)")
        let directory = try ScratchDirectory()
        let plan = directory.file("plan.jsonl")
        let count = 2_000
        let letters = (0..<count).map { number in
            Letters.record(
                Letters.framed(stage.points, Letters.points(number)),
                headers: Letters.headers(offset: number, code: number % 2 == 0 ? "internal" : "badge.unknown"))
        }
        try await stage.createCompanions(of: topic)
        try await stage.publish(letters, to: job == .unpark ? "\(topic).parked" : topic)
        let place = [
            "-b", stage.brokers, "--progress-topic", "\(topic).progress", "--runs-topic", "\(topic).runs", "--yes",
        ]
        let filter = ["--no-decode", "--error-code", "internal", "--parked-topic", "\(topic).parked"]
        let arguments: [String]
        let destination: String
        switch job {
        case .apply:
            _ = try await Program.json(
                ["plan", "-o", plan, "-b", stage.brokers, "--topic", topic, "--progress-topic", "\(topic).progress"]
                    + filter + ["--replay-topic", "\(topic).replay"])
            (arguments, destination) = (["apply", plan] + place, "\(topic).replay")
        case .park:
            arguments = ["park", "--reason", "later", "--topic", topic] + place + filter
            destination = "\(topic).parked"
        case .unpark:
            arguments = ["unpark", "--replay-topic", "\(topic).replay"] + place + filter
            destination = "\(topic).replay"
        }
        // Where the tail of the destination is not stable there is an open transaction: the moment that matters.
        let probe = try TransactionProbe(destination, on: stage.kafka)
        var (kills, inside) = (0, 0)
        var said = ""
        for _ in 0..<4 {
            let before = try await values(of: destination, on: stage, isolation: .readUncommitted).count
            let copy = try ChildProcess(
                [try ProcessRunner.builtBinary(Program.name)] + arguments + ["--rate", "60", "-X", "linger.ms=5"],
                environment: Program.clean)
            let isAtWork = await eventually(deadline: 60) {
                let now = try? await values(of: destination, on: stage, isolation: .readUncommitted).count
                return now ?? 0 > before + 20 || !copy.isRunning
            }
            let isInside = await eventually(deadline: 10) {
                await probe.isOpen() || !copy.isRunning
            }
            if isAtWork, copy.isRunning { kills += 1 }
            copy.signal(SIGKILL)
            said = try await copy.wait(deadline: 10).errors
            if isInside, await probe.isOpen() { inside += 1 }
        }
        #expect(kills >= 3 && inside >= 1, "\(kills) kills, \(inside) inside a transaction\n\(said)")
        let last = try await Program.run(arguments + ["--rate", "max", "--output", "json"], deadline: 120)
        #expect(last.exitCode == 0, "\(last.errors)\(last.output)")
        let published = try await values(of: destination, on: stage, isolation: .readCommitted)
        #expect(published.count == count / 2, "\(job)")
        #expect(Set(published).count == count / 2, "\(job)")
    }

    /// The values in the topic, up to its present end; for readers of committed records once it is stable: transactions
    /// of the dead hold that back until they time out.
    private func values(
        of topic: String, on stage: Stage, isolation: KafkaConsumer.Isolation
    ) async throws -> [[UInt8]] {
        let kafka = stage.kafka
        return try await BlockingExecutor(name: "values").run {
            try readAll(kafka, topic, isolation: isolation).compactMap(\.value)
        }
    }
}
