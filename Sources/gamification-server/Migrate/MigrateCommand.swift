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
        let executor = BlockingExecutor(name: "migrate")
        return await Task(executorPreference: executor) { migrate() }.value
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
            let refusal = Refusal(postgres: error)
            outcome.refusal = stop.signal == nil ? refusal : Refusal(error, stop: stop)
            say.error(refusal.description)
        }
        outcome.signal = stop.signal
        return report(outcome, say)
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

    private func report(_ outcome: MigrateOutcome, _ say: Reporter) -> ExitCode {
        do throws(OutputError) {
            if options.isJSON {
                try console.result(json: outcome.json)
            } else {
                for line in outcome.lines(console.outputStyle) { try console.result(line) }
            }
        } catch {
            say.error("\(error)")
        }
        return outcome.exitCode
    }
}
