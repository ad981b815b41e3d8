import CommandLine
import Lifecycle
import Postgres
import PostgresKit
import Redis
import RedisKit
import ToolKit

/// `gamification-server verify-leaderboard` and `rebuild-leaderboard`.
struct BoardCommand: Sendable {
    /// Times that a board is filled which others fill too.
    private static let attempts = 5

    let console: Console
    let options: BoardOptions
    let stop: StopFlag

    /// Runs on a blocking executor of its own.
    func run() async -> ExitCode {
        await BlockingExecutor(name: "boards").run { work() }
    }

    private func work() -> ExitCode {
        let say = Reporter(console: console, level: options.log.level, format: options.log.format)
        var outcome = BoardOutcome(options.work)
        do {
            guard let postgres = options.postgres.configuration, let redis = options.redis.durable else {
                return .usage
            }
            let stop = stop
            let sessions = try BoardSessions(
                postgres: postgres, redis: redis, style: options.redis.keyStyle, isStopped: { stop.isSet })
            outcome.database = sessions.postgres.target
            switch options.work {
            case .verify(let settle, let readsLedger):
                try verify(sessions, settle: settle, readsLedger: readsLedger, &outcome)
            case .rebuild(let mendsPoints, let isDryRun, let isConfirmed):
                try rebuild(sessions, mendsPoints: mendsPoints, isDryRun, isConfirmed, &outcome)
            }
        } catch {
            let own = (error as? RedisError).map { Refusal(redis: $0) } ?? Refusal(postgres: error)
            outcome.refusal = Refusal(own, stop: stop)
        }
        outcome.signal = stop.signal
        let lines = outcome.lines(console.outputStyle)
        say.conclude(
            error: outcome.refusal?.description, isJSON: options.isJSON, document: outcome.json,
            text: lines.isEmpty ? nil : lines.joined(separator: "\n"))
        return outcome.exitCode
    }

    /// Calls `body` with every merchant that was chosen, until a signal.
    private func each(_ sessions: BoardSessions, _ body: (PostgresUUID) throws -> Void) throws {
        for merchant in options.merchants where !stop.isSet { try body(merchant) }
        guard options.merchants.isEmpty else { return }
        var last: PostgresUUID?
        repeat {
            let page = try sessions.merchants(after: last)
            for merchant in page where !stop.isSet { try body(merchant) }
            last = page.last
        } while last != nil && !stop.isSet
    }

    private func verify(
        _ sessions: BoardSessions, settle: Duration, readsLedger: Bool, _ outcome: inout BoardOutcome
    ) throws {
        let stop = stop
        let verifier = BoardVerifier(sessions: sessions, settle: settle, isStopped: { stop.isSet })
        try each(sessions) { outcome.add(try verifier.verify($0)) }
        guard readsLedger, !stop.isSet else { return }
        try audit(sessions) { outcome.add($0, count: $1) }
    }

    /// Hands out what totals differ from what they are made of.
    private func audit(
        _ sessions: BoardSessions, _ body: ([BoardAudit.Difference], Int) throws -> Void
    ) throws {
        let merchants: [PostgresUUID?] = options.merchants.isEmpty ? [nil] : options.merchants
        for merchant in merchants where !stop.isSet {
            let (listed, count) = try BoardAudit.find(sessions.postgres, merchant)
            try body(listed, count)
        }
    }

    private func rebuild(
        _ sessions: BoardSessions, mendsPoints: Bool, _ isDryRun: Bool, _ isConfirmed: Bool,
        _ outcome: inout BoardOutcome
    ) throws {
        if mendsPoints {
            try audit(sessions) { outcome.add($0, count: $1) }
            if !isDryRun, outcome.pointsCount > 0 { try mend(sessions, isConfirmed, &outcome) }
        }
        if isDryRun { return try each(sessions) { _ in outcome.merchants += 1 } }
        var epoch = try sessions.epoch()
        if options.merchants.isEmpty {
            epoch = try sessions.postgres.query(BoardStatements.raise, format: .binary).binaryInteger(0, 0) ?? epoch
        }
        outcome.epoch = epoch
        try each(sessions) { try fill(sessions, $0, &outcome) }
    }

    private func mend(_ sessions: BoardSessions, _ isConfirmed: Bool, _ outcome: inout BoardOutcome) throws {
        let stop = stop
        try console.confirm(
            "set \(outcome.pointsCount) totals to what was swept plus the ledger?", isAnswered: isConfirmed,
            isStopped: { stop.isSet })
        // What is listed is mended, then asked for again, until nothing is left or nothing changes any more.
        try audit(sessions) { listed, _ in
            var batch = listed
            while !batch.isEmpty, !stop.isSet {
                let count = try BoardAudit.mend(sessions.postgres, batch)
                outcome.mended += count
                let merchant = options.merchants.isEmpty ? nil : batch.first?.merchant
                batch = count == 0 ? [] : try BoardAudit.find(sessions.postgres, merchant).listed
            }
        }
    }

    private func fill(_ sessions: BoardSessions, _ merchant: PostgresUUID, _ outcome: inout BoardOutcome) throws {
        for _ in 0..<Self.attempts {
            let epoch = try sessions.epoch()
            if case .filled(let customers) = try sessions.fill(merchant, epoch: epoch) {
                return outcome.addFilled(customers: customers)
            }
            // A server has begun to fill it too: most likely it has finished in a moment.
            Pause.milliseconds(500)
            if try sessions.isFilled(merchant, epoch: sessions.epoch()) { return outcome.addFilled(customers: 0) }
        }
        throw Refusal(
            .failed,
            "the board of merchant \(merchant) was emptied by others each time that it was filled; it is answered from "
                + "PostgreSQL. Run again")
    }
}
