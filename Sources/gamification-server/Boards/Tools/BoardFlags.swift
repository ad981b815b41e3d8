import CommandLine
import PostgresKit
import RedisKit

/// The flags of `verify-leaderboard` and `rebuild-leaderboard`.
enum BoardFlags {
    static let merchant = Flag(
        "merchant", kind: .repeatable, placeholder: "UUID", inFile: false, section: "Selection",
        help: "The merchant whose board it is about")
    static let all = Flag(
        "all", kind: .toggle, inFile: false, section: "Selection", help: "Every merchant that has points",
        detail: """
            rebuild-leaderboard raises the epoch then: no board that was filled before is trusted any more, each is \
            answered from PostgreSQL until it is filled again.
            """)
    static let settle = Flag(
        "settle", placeholder: "DURATION", default: "5s", section: "Selection",
        help: "How long a difference may take to go by itself, since the server is at work meanwhile")
    static let noLedger = Flag(
        "no-ledger", kind: .toggle, inFile: false, section: "Selection",
        help: "Compare boards with totals only, without reading the whole ledger")
    static let mend = Flag(
        "mend-points", kind: .toggle, inFile: false, section: "Safety",
        help: "Also set totals that are not what was swept plus the ledger to that sum; asks first, or needs --yes")

    static let verify = Subcommand(
        "verify-leaderboard", summary: "Compare boards with what they are made of, while the server runs",
        description: [
            """
            Compares each board in Redis with the totals in PostgreSQL (customer_points), and those with what was swept \
            plus the ledger. A board that is not filled in the present epoch is not compared: it is answered from \
            PostgreSQL. Nothing is changed. Differences make the exit code 3.
            """
        ],
        flags: [merchant, all, settle, noLedger] + connection,
        examples: [
            .init("gamification-server verify-leaderboard --all", "Compare everything"),
            .init(
                "gamification-server verify-leaderboard --merchant 6f1c6a0e-5a43-4f7e-9d6a-0f4f5c1c2b3d --output json",
                "One board, for a script"),
        ])

    static let rebuild = Subcommand(
        "rebuild-leaderboard", summary: "Fill boards anew from PostgreSQL, while the server runs",
        description: [
            """
            Empties each board and fills it from customer_points. Updates go on meanwhile, and the board is answered from \
            PostgreSQL until it is filled.
            """
        ],
        flags: [merchant, all, mend, .dryRun, .yes] + connection,
        examples: [
            .init(
                "gamification-server rebuild-leaderboard --merchant 6f1c6a0e-5a43-4f7e-9d6a-0f4f5c1c2b3d",
                "Fill one board anew"),
            .init("gamification-server rebuild-leaderboard --all --mend-points --yes", "Mend everything, unattended"),
        ])

    private static let connection = Flag.redisBoth
}
