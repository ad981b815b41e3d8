import CommandLine
import Postgres
import PostgresKit
import ToolKit

/// What the program was told, checked; nothing has been tried yet.
struct CleanupOptions: Sendable {
    static let program = "cleanup-translations"

    let postgres: PostgresOptions
    let selection: Selection
    let keepVersions: Int?
    let olderThan: Duration?
    let includesCurrent: Bool
    let limit: Int?
    let archive: String?
    let restore: String?
    /// Whether a restore leaves out what is damaged.
    let skipsDamage: Bool
    let batchTime: Duration
    let sleepRatio: Double
    let runTime: Duration?
    let limits: LoadGuard.Limits
    let lockTimeout: Duration
    let statementTimeout: Duration
    let wait: Duration
    let caches: CacheOptions
    let isAnswered: Bool
    let isDryRun: Bool
    let isJSON: Bool
    let showsStatistics: Bool
    let progress: ProgressMode
    let metricsFile: String?
    let log: LogOptions

    init(_ reader: inout OptionReader) {
        // PostgreSQL keeps the first 63 bytes of it; another run names the holder of the lock by them.
        postgres = PostgresOptions(&reader, program: "\(Self.program) on \(RunName.host())")
        let locales = reader.list(Flags.locale) { text throws(ValueError) in
            // Those in the table locales are of these characters; a typing error should not select nothing in silence.
            guard (1...35).contains(text.utf8.count),
                text.utf8.allSatisfy({
                    $0 < 0x80 && (Character(Unicode.Scalar($0)).isLetter || (0x30...0x39).contains($0) || $0 == 0x2D)
                })
            else {
                throw ValueError(text, isNot: "a language tag", give: "a tag of the table locales, such as en or pt-BR")
            }
            return text
        }
        let key = reader.optional(Flags.key) { text throws(ValueError) in try Glob(text) }
        selection = Selection(locales: locales.isEmpty ? nil : locales, key: key)
        keepVersions = reader.required(Flags.keepVersions, placeholder: nil) { text throws(ValueError) in
            text == "all" ? nil : try ValueText.integer(text, in: 1...1_000_000)
        }
        olderThan = reader.required(Flags.olderThan, placeholder: nil) { text throws(ValueError) in
            text == "never" ? nil : try DurationText.parse(text, in: .zero ... .seconds(3_153_600_000))
        }
        includesCurrent = reader.toggle(Flags.includeCurrent)
        limit = reader.optionalInteger(Flags.limit, in: 1...1_000_000_000_000)
        archive = reader.optionalPath(Flags.archive)
        restore = reader.optionalPath(Flags.restore)
        skipsDamage = reader.toggle(Flags.skipDamaged)
        batchTime = reader.duration(Flags.batchTime, in: .milliseconds(1) ... .seconds(10))
        sleepRatio = reader.required(Flags.sleepRatio, placeholder: 0) { text throws(ValueError) in
            guard let ratio = Double(text), (0...1_000).contains(ratio) else {
                throw ValueError(text, isNot: "a ratio", give: "0 to 1000, such as 0.5")
            }
            return ratio
        }
        runTime = reader.optionalDuration(Flags.runTime, in: .seconds(1) ... .seconds(604_800))
        limits = LoadGuard.Limits(
            replicaLag: reader.duration(Flags.maxLag, in: .milliseconds(1) ... .seconds(86_400)),
            transactionAge: reader.duration(Flags.maxTransactionAge, in: .milliseconds(1) ... .seconds(604_800)),
            activeSessions: reader.optionalInteger(Flags.maxLoad, in: 0...100_000))
        lockTimeout = reader.duration(Flags.lockTimeout, in: .milliseconds(1) ... .seconds(60))
        statementTimeout = reader.duration(Flags.statementTimeout, in: .milliseconds(10) ... .seconds(3_600))
        wait = reader.duration(Flags.wait, in: .zero ... .seconds(86_400))
        isAnswered = reader.toggle(.yes)
        isDryRun = reader.toggle(.dryRun)
        caches = CacheOptions(&reader, program: Self.program, isDryRun: isDryRun)
        isJSON = reader.choice(.output, as: OutputForm.self, placeholder: OutputForm.table) == .json
        showsStatistics = reader.toggle(Flags.stats)
        progress = reader.choice(.progress, as: ProgressMode.self, placeholder: ProgressMode.auto)
        metricsFile = reader.metricsFile()
        log = LogOptions(&reader)
        check(&reader)
    }

    private func check(_ reader: inout OptionReader) {
        if keepVersions == nil, olderThan == nil, reader.problems.isEmpty {
            reader.report(Flags.keepVersions, "is all and --older-than is never: nothing would go")
        }
        if includesCurrent, olderThan == nil {
            reader.report(Flags.includeCurrent, "goes by age: it needs --older-than")
        }
        guard restore != nil else {
            if skipsDamage {
                reader.report(Flags.skipDamaged, "is about an archive that is put back: it needs --restore")
            }
            return
        }
        let pruning = [
            Flags.archive, Flags.limit, Flags.key, Flags.locale, Flags.keepVersions, Flags.olderThan,
            Flags.includeCurrent,
        ]
        for flag in pruning where reader.isGiven(flag) {
            reader.report(flag, "says what to delete, and does not go with --restore, which puts back a whole archive")
        }
        if isDryRun { reader.report(.dryRun, "does not go with --restore: restoring changes no row that is there") }
    }

    /// The session's rules, by the database's clock (microseconds since 2000).
    func rules(now: Int64) -> PruneRules {
        let age = olderThan.map { $0.components.seconds * 1_000_000 + $0.components.attoseconds / 1_000_000_000_000 }
        return PruneRules(
            keepVersions: keepVersions, cutoff: age.map { now - $0 }, includesCurrent: includesCurrent)
    }
}
