import CommandLine
import PostgresKit

/// The one table of `gamification-server`: parser, help, man page and completions come from it.
enum GamificationServer {
    static let serve = Subcommand(
        "serve", summary: "Serve awards and boards until stopped (the default)",
        description: [
            """
            Serves gRPC and HTTP. Dependencies that are away are waited for; /ready says which, and what is degraded. On \
            SIGTERM it is not ready any more, calls in flight finish, what is unsent is flushed, and it ends, at the \
            latest after --shutdown-timeout.
            """
        ],
        flags: ServeFlags.all)
    static let checkConfig = Subcommand(
        "check-config", summary: "Check the settings of serve, and nothing else", flags: ServeFlags.all)

    static let migrate = Subcommand(
        "migrate", summary: "Bring the database's schema up to date",
        description: [
            """
            Applies the numbered SQL files that the database has not had yet, each in a transaction of its own and once, \
            in order. Several at a time wait for each other. What was applied stands in the table schema_migrations with \
            a checksum: a file that was changed afterwards is refused (exit 6), and so is one that was put in between.
            """
        ],
        flags: [MigrateFlags.migrations, MigrateFlags.status, MigrateFlags.dryRun, MigrateFlags.wait],
        examples: [
            .init("gamification-server migrate --status", "What is applied, and what is not"),
            .init("gamification-server migrate --dry-run", "What would be applied"),
        ])

    static let table = FlagTable(
        program: "gamification-server", version: ToolkitVersion.current,
        summary: "the gamification service, and its database schema",
        description: [
            """
            Awards badges over gRPC, once each, and keeps them in PostgreSQL, publishes them on Kafka and caches them in \
            Redis. Creates and updates the tables, indexes and triggers that it and its tools use.
            """
        ],
        subcommands: [serve, checkConfig, migrate, BoardFlags.verify, BoardFlags.rebuild],
        commonFlags: Flag.postgresConnection + [.config, .output] + Flag.logging)
}

/// The flags of `migrate`.
enum MigrateFlags {
    static let migrations = Flag(
        "migrations", placeholder: "DIR", env: "GAMIFICATION_MIGRATIONS", completion: .file, section: "Selection",
        help: "Folder of the SQL files; default share/gamification-toolkit/migrations beside the program's bin, else "
            + "./migrations")
    static let status = Flag(
        "status", kind: .toggle, inFile: false, section: "Selection", help: "Show what is applied, and apply nothing")
    static let dryRun = Flag.dryRun.with(help: "Show what would be applied, and apply nothing")
    static let wait = Flag(
        "wait", placeholder: "DURATION", default: "10m", section: "Safety",
        help: "How long to wait while another program applies migrations")
}
