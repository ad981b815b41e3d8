import CommandLine
import Glibc
import Lifecycle
import Postgres
import PostgresKit
import ToolKit

/// `cleanup-translations`: find out, ask, do, tell.
struct CleanupCommand: Sendable {
    let console: Console
    let options: CleanupOptions
    let stop: StopFlag

    /// How long what is left may be counted for, at a run's end.
    private static let counting = Duration.seconds(5)

    private var say: Reporter { Reporter(console: console, level: options.log.level, format: options.log.format) }

    /// Runs on a blocking executor of its own.
    func run() async -> ExitCode {
        let executor = BlockingExecutor(name: "prune")
        return await Task(executorPreference: executor) { await work() }.value
    }

    private func work() async -> ExitCode {
        let start = MonotonicInstant.now()
        var outcome = CleanupOutcome(isDryRun: options.isDryRun, restore: options.restore)
        do {
            guard let configuration = options.postgres.configuration else { return .usage }
            let database = try PruneDatabase(
                .init(
                    configuration: configuration, patience: options.wait, lockTimeout: options.lockTimeout,
                    statementTimeout: options.statementTimeout, stop: stop, readsOnly: options.isDryRun))
            outcome.target = database.target
            let deadline = options.runTime.map { start.advanced(by: $0) }
            if let path = options.restore {
                try await restore(path, database, deadline, &outcome)
            } else {
                try await prune(database, deadline, &outcome)
            }
        } catch {
            outcome.refusal = (error as? CacheError).map { Refusal($0.code, "\($0)") } ?? Refusal(postgres: error)
        }
        outcome.signal = stop.signal
        outcome.seconds = MonotonicInstant.now().seconds(since: start)
        return report(&outcome)
    }

    // MARK: - Pruning

    private func prune(
        _ database: PruneDatabase, _ deadline: MonotonicInstant?, _ outcome: inout CleanupOutcome
    ) async throws {
        try checkLocales(database)
        let now = try database.writer.query(Statements.now).integer(0, 0) ?? 0
        let rules = options.rules(now: now)
        let page = PageReader(options.selection, rules: rules, wantsContent: options.archive != nil).parameters
        outcome.index = try PlanGuard.check(database, page: page)
        if options.isDryRun { return try dryRun(database, rules, &outcome) }
        try ask(database, rules)
        if let blindness = try LoadGuard(options.limits).blindness(database.writer) { say.warning(blindness) }
        // Before the caches: a file that cannot be written ends the run before anything was tried.
        var archive: TranslationArchive?
        if let path = options.archive { archive = try TranslationArchive.open(path) }
        let caches = try await opener(deadline).open()
        // What a killed run left is finished first.
        caches?.sweep(upTo: database.knownIntent)
        let line = try progressLine(database)
        let run = PruneRun(
            .init(
                selection: options.selection, rules: rules, limit: options.limit, batchTime: options.batchTime,
                sleepRatio: options.sleepRatio, deadline: deadline, limits: options.limits, stop: stop),
            database: database, caches: caches, archive: archive, say: say
        ) { tally in
            line?.line.update(
                done: tally.dealtWith, total: line?.total, text: "\(HumanText.count(tally.deleted)) gone")
        }
        defer { line?.line.finish() }
        let failure = attempt { try run.run() }
        if failure != nil { caches?.abandon() }
        let cacheFailure = attempt { try caches?.end() }
        outcome.tally = run.tally
        outcome.tally.invalidated = caches?.finished ?? 0
        outcome.tally.waits += caches?.waits ?? 0
        outcome.hasWorkLeft = run.hasWorkLeft
        outcome.ranOutOfTime = run.ranOutOfTime
        outcome.isAtLimit = run.isAtLimit
        outcome.staleNames = run.staleNames
        outcome.remaining = 0
        if run.hasWorkLeft || failure != nil {
            outcome.remaining = Survey.count(database.writer, options.selection, rules, within: Self.counting)
        }
        if let error = failure ?? cacheFailure { throw error }
    }

    /// A tag that was mistyped should not select nothing in silence.
    private func checkLocales(_ database: PruneDatabase) throws {
        guard let locales = options.selection.locales else { return }
        var parameters = PostgresParameters()
        parameters.add(locales)
        guard let unknown = try database.reader.query(Statements.unknownLocales, parameters).text(0, 0) else { return }
        throw Refusal(.usage, "--locale \(unknown) is not in the table locales, so that no translation can have it")
    }

    private func attempt(_ body: () throws -> Void) -> (any Error)? {
        do {
            try body()
            return nil
        } catch {
            return error
        }
    }

    private func opener(_ deadline: MonotonicInstant?) -> CacheOpener {
        CacheOpener(options: options, stop: stop, deadline: deadline, say: say)
    }

    private func ask(_ database: PruneDatabase, _ rules: PruneRules) throws {
        var question = "Delete old translations of \(database.target)?"
        if !options.isAnswered, isatty(0) == 1, isatty(2) == 1 {
            let survey = try Survey.take(database.reader, options.selection, rules)
            question = "Delete \(HumanText.count(survey.total)) versions of translations of \(database.target)?"
            if options.archive == nil { question += " There is no --archive: they cannot be put back." }
            if options.caches.isOff { question += " Caches are not told." }
        }
        let stop = stop
        try console.confirm(question, isAnswered: options.isAnswered) { stop.isSet }
    }

    private func progressLine(_ database: PruneDatabase) throws -> (line: ProgressLine, total: Int)? {
        guard options.progress == .always || options.progress == .auto && isatty(2) == 1 else { return nil }
        let total = try Survey.countRows(database.reader, options.selection)
        return (console.progress(options.progress, label: "pruning", total: total), total)
    }

    private func dryRun(
        _ database: PruneDatabase, _ rules: PruneRules, _ outcome: inout CleanupOutcome
    ) throws {
        outcome.survey = try Survey.take(database.reader, options.selection, rules)
        var reader = PageReader(options.selection, rules: rules, wantsContent: false)
        var isLast = false
        while !isLast, !stop.isSet {
            let page = try database.reader.query(Statements.page, reader.parameters, format: .binary)
            let taken = try reader.take(page) { _ in }
            outcome.note(taken.groups)
            isLast = taken.isLast
        }
        outcome.tally.read = reader.tally.rows
        outcome.tally.unsemantic = reader.tally.unsemantic
    }

    // MARK: - Restoring

    private func restore(
        _ path: String, _ database: PruneDatabase, _ deadline: MonotonicInstant?, _ outcome: inout CleanupOutcome
    ) async throws {
        let stop = stop
        try console.confirm("Put the rows of \(path) back into \(database.target)?", isAnswered: options.isAnswered) {
            stop.isSet
        }
        let restorer = Restorer(
            database.writer, .init(stop: stop, deadline: deadline, skipsDamage: options.skipsDamage))
        defer { outcome.restored = restorer.tally }
        if let warning = try restorer.load(path) { say.warning(warning) }
        let caches = try await opener(deadline).open()
        let failure = attempt { try restorer.insert() }
        if failure != nil { caches?.abandon() }
        let cacheFailure = attempt {
            // What the caches are told must not be undone by a crash, nor what is said to be restored.
            try database.synchronize()
            caches?.sweep(upTo: try database.lastIntent())
            try caches?.end()
        }
        outcome.tally.invalidated = caches?.finished ?? 0
        if let error = failure ?? cacheFailure { throw error }
    }

    // MARK: - Telling

    private func report(_ outcome: inout CleanupOutcome) -> ExitCode {
        if let path = options.metricsFile, !outcome.isDryRun {
            outcome.metricsFailure = CleanupMetrics.write(outcome, to: path)
            if let failure = outcome.metricsFailure { say.error(failure) }
        }
        let lines = outcome.lines(console.outputStyle, showsStatistics: options.showsStatistics)
        say.conclude(
            error: outcome.refusal?.description, isJSON: options.isJSON, document: outcome.json,
            text: lines.isEmpty ? nil : lines.joined(separator: "\n"))
        return outcome.exitCode
    }
}
