import CommandLine
import Postgres
import PostgresKit
import RedisKit
import ToolKit

/// What `verify-leaderboard` or `rebuild-leaderboard` was told, checked; nothing has been tried yet.
struct BoardOptions: Sendable {
    enum Work: Sendable {
        case verify(settle: Duration, readsLedger: Bool)
        case rebuild(mendsPoints: Bool, isDryRun: Bool, isConfirmed: Bool)
    }

    let postgres: PostgresOptions
    let redis: RedisOptions
    /// Without doubles, in order; none means every merchant.
    let merchants: [PostgresUUID]
    let work: Work
    let isJSON: Bool
    let log: LogOptions

    init(_ reader: inout OptionReader, isVerify: Bool) {
        let name = "gamification-server " + (isVerify ? BoardFlags.verify.name : BoardFlags.rebuild.name)
        postgres = PostgresOptions(&reader, program: name)
        redis = RedisOptions(&reader, program: name, neededBecause: "to reach the boards")
        let given = reader.list(BoardFlags.merchant) { text throws(ValueError) in
            guard let id = PostgresUUID(text) else {
                throw ValueError(text, isNot: "a merchant's id", give: "a UUID, 8-4-4-4-12 hexadecimal digits")
            }
            return id
        }
        merchants = Set(given).sorted()
        let isAll = reader.toggle(BoardFlags.all)
        reader.exclusive([BoardFlags.merchant, BoardFlags.all], because: "one names what the other includes")
        if !isAll, !reader.isGiven(BoardFlags.merchant) {
            reader.report(BoardFlags.merchant, "is needed, unless it is about --all")
        }
        if isVerify {
            work = .verify(
                settle: reader.duration(BoardFlags.settle, in: .zero ... .seconds(600)),
                readsLedger: !reader.toggle(BoardFlags.noLedger))
        } else {
            work = .rebuild(
                mendsPoints: reader.toggle(BoardFlags.mend), isDryRun: reader.toggle(.dryRun),
                isConfirmed: reader.toggle(.yes))
        }
        isJSON = reader.choice(.output, as: OutputForm.self, placeholder: OutputForm.table) == .json
        log = LogOptions(&reader)
    }
}
