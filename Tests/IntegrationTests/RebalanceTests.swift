import Glibc
import RedriveProofs
import TestSupport
import Testing

@Suite("Copies of a drain side by side", ScratchKafka.requirement, .serialized, .timeLimit(.minutes(5)))
struct RebalanceTests {
    /// So that a member that is stopped is given up before its transaction times out.
    static let shortSession = ["-X", "session.timeout.ms=3000", "-X", "heartbeat.interval.ms=500"]

    @Test("Copies that join and leave in the middle repeat nothing and lose nothing")
    func joinAndLeave() async throws {
        let trial = try await Trial("join", partitions: 4, records: 1_000)
        let first = try trial.start(run: "first", rate: 200)
        try await trial.waitUntilPublished(by: first, atLeast: 100)
        let second = try trial.start(run: "second", rate: 200)
        try await trial.waitUntilPublished(by: second, atLeast: 100)
        let third = try trial.start(run: "third", rate: 200)
        try await trial.waitUntilPublished(by: third, atLeast: 50)
        second.process.signal(SIGTERM)
        let left = try await second.wait()
        #expect(left.exitCode == 143, "\(left.account)")
        third.process.signal(SIGINT)
        let interrupted = try await third.wait()
        #expect(interrupted.exitCode == 130, "\(interrupted.account)")
        first.process.signal(SIGTERM)
        #expect(try await first.wait().exitCode == 143)
        let last = try await trial.drain(run: "last")
        #expect(last.exitCode == 0, "\(last.account)")
        await trial.expectEachOnce(count: 4_000)
    }

    @Test("A copy without a partition stands by, takes over from one that is killed, and ends with the work")
    func standby() async throws {
        let trial = try await Trial("standby", partitions: 1, records: 600)
        let copies = try ["one", "other"].map { try trial.start(run: $0, rate: 50, options: Self.shortSession) }
        var standby: DrainCopy?
        _ = await eventually(deadline: 60) {
            standby = copies.first { $0.process.errors.contains("standing by") }
            return standby != nil
        }
        let heir = try #require(standby)
        let holder = try #require(copies.first { $0.run != heir.run })
        try await trial.waitUntilPublished(by: holder, atLeast: 100)
        holder.process.signal(SIGKILL)
        let result = try await heir.wait()
        #expect(result.exitCode == 0, "\(result.account)")
        await trial.expectEachOnce(count: 600)
        #expect(trial.watch.attempts { $0.attempts(by: heir.run) } > 0)
    }

    /// The group gives a stopped copy's partitions away while its transaction is still open at the broker. When it goes
    /// on, it must not commit what the new owner has published.
    @Test("A copy that lost its partitions between fetch and commit is refused")
    func refusedCommit() async throws {
        let trial = try await Trial("refused", partitions: 2, records: 1_000)
        let stale = try trial.start(run: "stale", rate: 100, options: Self.shortSession + DrainCopy.sendingAtOnce)
        try await trial.waitUntilPublished(by: stale, atLeast: 20)
        let heir = try trial.start(run: "heir", rate: 100, options: Self.shortSession)
        try await trial.waitUntilPublished(by: heir)
        #expect(trial.watch.attempts { $0.sources(of: "heir").count } == 1)
        try await trial.freezeInsideTransaction(stale)
        // Until the group has given the stale copy's partition away and its heir has published from it.
        let isInherited = await eventually(deadline: 60) {
            trial.watch.attempts { $0.sources(of: "heir").count } == 2 || !heir.process.isRunning
        }
        #expect(isInherited && heir.process.isRunning, "\(heir.process.errors)")
        stale.process.signal(SIGCONT)
        let (staleResult, heirResult) = (try await stale.wait(), try await heir.wait())
        #expect(staleResult.exitCode == 0, "\(staleResult.account)")
        #expect(heirResult.exitCode == 0, "\(heirResult.account)")
        #expect(try await trial.drain(run: "last").exitCode == 0)
        await trial.expectEachOnce(count: 2_000)
        #expect(trial.abortedAttempts > 0)
    }

    /// A machine that pauses for longer than a transaction may be open: the broker has aborted it meanwhile.
    @Test("A copy stopped until its transaction times out goes on with a new producer, and gives up the third time")
    func timedOutTransaction() async throws {
        let trial = try await Trial("paused", partitions: 2, records: 2_000)
        let copy = try trial.start(run: "paused", rate: 100, options: DrainCopy.sendingAtOnce)
        for _ in 0..<3 {
            let before = trial.watch.attempts { $0.attempts(by: copy.run) }
            try await trial.waitUntilPublished(by: copy, atLeast: before + 50)
            try await trial.freezeInsideTransaction(copy)
            let isAborted = await eventually(deadline: 60) {
                await !trial.watch.settledWriters(among: [copy.run]).isEmpty
            }
            #expect(isAborted)
            copy.process.signal(SIGCONT)
        }
        let result = try await copy.wait()
        #expect(result.exitCode == 1, "\(result.account)")
        #expect(result.errors.contains("three times"), "\(result.errors)")
        #expect(trial.abortedAttempts > 0)
        let rest = try await trial.drain(run: "rest")
        #expect(rest.exitCode == 0, "\(rest.account)")
        await trial.expectEachOnce(count: 4_000)
    }
}
