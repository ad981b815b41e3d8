import CommandLine
import PostgresKit
import ToolKit

/// The one table of `cleanup-translations`: parser, help, man page and completions come from it.
enum CleanupTranslations {
    static let prune = Subcommand(
        "prune", summary: "Delete versions that nobody needs (the default)",
        flags: Flags.selection + [Flags.archive, Flags.restore, Flags.skipDamaged] + Flags.pace + CacheFlags.all + [
            .yes, Flags.dryRun, Flags.stats, .metricsFile,
        ])

    static let table = FlagTable(
        program: "cleanup-translations", version: ToolkitVersion.current,
        summary: "prune old versions of badge names",
        description: [
            """
            Deletes versions from the table translations: those beyond the newest N of their key and locale, and those \
            that are older than a given age. The newest version stays, whatever its age. It works in short transactions \
            that wait for nobody and let nobody wait, beside whatever else the database does.
            """,
            """
            The names that were cached are taken out of Redis, and cache.invalidate tells the other instances. What a \
            killed run left undone of that, the next one does first. Versions that are not semantic are kept and counted.
            """,
        ],
        subcommands: [prune],
        commonFlags: Flag.postgresConnection + [Flags.wait, .config, .output, .progress] + Flag.logging,
        examples: [
            .init("cleanup-translations --dry-run", "What would go, by language and age"),
            .init("cleanup-translations --archive old.avro --yes", "Delete it, keeping a copy"),
            .init("cleanup-translations --restore old.avro --yes", "Put it back"),
            .init("cleanup-translations --yes --run-time 20m --sleep-ratio 0.5", "Nightly, gently, done by morning"),
        ])
}
