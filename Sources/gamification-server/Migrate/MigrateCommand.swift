import CommandLine
import Lifecycle
import Postgres
import PostgresKit
import ToolKit

/// `gamification-server migrate`.
struct MigrateCommand: Sendable {
    let console: Console
    let options: MigrateOptions
    let stop: StopFlag

    /// Runs on a blocking executor of its own.
    func run() async -> ExitCode {
        await BlockingExecutor(name: "migrate").run { migrate() }
    }

    private func migrate() -> ExitCode {
        let say = Reporter(console: console, level: options.log.level, format: options.log.format)
        var outcome = MigrateOutcome(isDryRun: options.isDryRun, showsStatus: options.showsStatus)
        do {
            let migrations = try MigrationFolder.read(options.folder)
            guard let configuration = options.postgres.configuration else { return .usage }
            // Building an index takes as long as it takes; a signal cancels it.
            let stop = stop
            let session = try PostgresSession(
                configuration, patience: .init(answer: .seconds(86_400), isStopped: { stop.isSet }))
            outcome.target = session.target
            let migrator = Migrator(session, migrations)
            try work(migrator, &outcome, say)
        } catch {
            outcome.refusal = Refusal(Refusal(postgres: error), stop: stop)
        }
        outcome.signal = stop.signal
        let lines = outcome.lines(console.outputStyle)
        say.conclude(
            error: outcome.refusal?.description, isJSON: options.isJSON, document: outcome.json,
            text: lines.isEmpty ? nil : lines.joined(separator: "\n"))
        return outcome.exitCode
    }

    private func work(_ migrator: Migrator, _ outcome: inout MigrateOutcome, _ say: Reporter) throws {
        if options.showsStatus || options.isDryRun {
            let status = try migrator.status()
            outcome.status = status
            if let objection = status.objection { throw objection }
            return
        }
        defer { outcome.status = try? migrator.status() }
        var applied: [Int] = []
        defer { outcome.applied = applied }
        try migrator.apply(patience: options.wait) { migration in
            applied.append(migration.number)
            say.info("applied \(migration.fileName)")
        }
    }
}
