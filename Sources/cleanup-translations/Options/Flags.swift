import CommandLine

/// The flags of `cleanup-translations`, by what they are for.
enum Flags {
    // MARK: Selection

    static let locale = Flag(
        "locale", kind: .repeatable, placeholder: "TAG", inFile: false, section: "Selection",
        help: "Only translations into this language; may be repeated")
    static let key = Flag(
        "key", placeholder: "GLOB", inFile: false, section: "Selection",
        help: "Only keys that match; * stands for any characters, ? for one")
    static let keepVersions = Flag(
        "keep-versions", placeholder: "N|all", default: "3", section: "Selection",
        help: "Newest versions of each key and locale that are kept; all lets none go by their number")
    static let olderThan = Flag(
        "older-than", placeholder: "DURATION|never", default: "90d", section: "Selection",
        help: "Versions created longer ago go as well; never lets none go by age")
    static let includeCurrent = Flag(
        "include-current", kind: .toggle, inFile: false, section: "Selection",
        help: "Let the newest version go too where it is older than that: its key then has no name in that language")
    static let limit = Flag(
        "limit", placeholder: "N", inFile: false, section: "Selection", help: "Stop after N rows")

    // MARK: Archive

    static let archive = Flag(
        "archive", placeholder: "FILE", completion: .file, section: "Archive",
        help: "Write every row to FILE, an Avro container, before it is deleted; an existing archive is gone on with")
    static let restore = Flag(
        "restore", placeholder: "FILE", inFile: false, completion: .file, section: "Archive",
        help: "Put the rows of an archive back instead of deleting; rows that are there already stay as they are")

    static let skipDamaged = Flag(
        "skip-damaged", kind: .toggle, inFile: false, section: "Archive",
        help: "With --restore: leave out records that are damaged, instead of restoring nothing",
        detail: """
            A row that was archived more than once comes from its last good entry then, which may be an older state of it. \
            What was left out is counted, and the exit status is 3.
            """)

    // MARK: Pace

    static let batchTime = Flag(
        "batch-time", placeholder: "DURATION", default: "5ms", section: "Pace",
        help: "How long one transaction should take; the number of rows follows from it",
        detail: """
            Whoever wants a row of a transaction waits for its end. Under load one may take ten times as long as it \
            should; the next ones are then shorter.
            """)
    static let sleepRatio = Flag(
        "sleep-ratio", placeholder: "R", default: "0", section: "Pace",
        help: "Sleep after each batch, as a multiple of the time that it took, for example 0.5")
    static let runTime = Flag(
        "run-time", placeholder: "DURATION", section: "Pace",
        help: "Stop after this time, with exit status 7 where work is left")
    static let maxLag = Flag(
        "max-lag", placeholder: "DURATION", default: "30s", section: "Pace",
        help: "Pause while a replica is further behind")
    static let maxTransactionAge = Flag(
        "max-transaction-age", placeholder: "DURATION", default: "30m", section: "Pace",
        help: "Pause while a transaction is older: it keeps vacuum from giving back what was deleted")
    static let maxLoad = Flag(
        "max-load", placeholder: "N", section: "Pace", help: "Pause while more than N other sessions are at work")
    static let lockTimeout = Flag(
        "lock-timeout", placeholder: "DURATION", default: "50ms", section: "Pace",
        help: "How long a statement may wait for a lock; rows that are held are passed over without waiting")
    static let statementTimeout = Flag(
        "statement-timeout", placeholder: "DURATION", default: "5s", section: "Pace",
        help: "How long a batch may take before the server ends it")
    static let wait = Flag(
        "wait", placeholder: "DURATION", default: "1m", section: "Connection",
        help: "How long to wait for a database or Kafka that is away")

    // MARK: Caches

    static let topic = Flag(
        "topic", placeholder: "TOPIC", default: "cache.invalidate", section: "Caches",
        help: "Where the other instances are told which cached names are out of date")
    static let noCache = Flag(
        "no-cache", kind: .toggle, inFile: false, section: "Caches",
        help: "Tell no cache: the intents stay in the database for the server, or the next run, to finish")
    static let requireCache = Flag(
        "require-cache", kind: .toggle, section: "Caches",
        help: "End with exit status 5 where a cache or Kafka is away; without it they are waited for")

    static let dryRun = Flag.dryRun.with(help: "Read and report only: count what would go, and show the statements")

    // MARK: Output

    static let stats = Flag(
        "stats", kind: .toggle, section: "General", help: "Show counts and times of the run's parts")

    static let selection = [locale, key, keepVersions, olderThan, includeCurrent, limit]
    static let pace = [
        batchTime, sleepRatio, runTime, maxLag, maxTransactionAge, maxLoad, lockTimeout, statementTimeout,
    ]
}
