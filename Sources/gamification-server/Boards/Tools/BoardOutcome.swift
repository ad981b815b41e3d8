import CommandLine
import Lifecycle
import Postgres
import ToolKit

/// What `verify-leaderboard` or `rebuild-leaderboard` came to.
struct BoardOutcome: Sendable {
    let work: BoardOptions.Work
    var database = ""
    var epoch: Int64?
    var merchants = 0
    var customers = 0
    /// Boards that were not filled, and so not compared.
    var unfilled = 0
    /// Boards that were filled.
    var filled = 0
    /// Totals that were mended.
    var mended = 0
    private(set) var differences: [BoardVerifier.Difference] = []
    private(set) var differencesCount = 0
    private(set) var points: [BoardAudit.Difference] = []
    private(set) var pointsCount = 0
    var refusal: Refusal?
    var signal: StopSignal?

    init(_ work: BoardOptions.Work) { self.work = work }

    mutating func add(_ report: BoardVerifier.Report) {
        merchants += 1
        customers += report.customers
        if !report.isFilled { unfilled += 1 }
        differencesCount += report.count
        differences += report.differences.prefix(max(0, BoardAudit.listed - differences.count))
    }

    mutating func add(_ found: [BoardAudit.Difference], count: Int) {
        pointsCount += count
        points += found.prefix(max(0, BoardAudit.listed - points.count))
    }

    mutating func addFilled(customers: Int) {
        merchants += 1
        filled += 1
        self.customers += customers
    }

    /// Differences that are still there.
    private var isDifferent: Bool {
        switch work {
        case .verify: differencesCount + pointsCount > 0
        case .rebuild(_, let isDryRun, _): isDryRun && pointsCount > 0
        }
    }

    var exitCode: ExitCode {
        var codes: [ExitCode] = []
        if let signal { codes.append(ExitCode.signal(signal.rawValue) ?? .failed) }
        if let refusal { codes.append(refusal.code) }
        if isDifferent { codes.append(.partial) }
        return ExitCode.most(of: codes)
    }

    private var command: String {
        if case .verify = work { BoardFlags.verify.name } else { BoardFlags.rebuild.name }
    }

    /// The stable document of `--output json`.
    var json: JSONValue {
        let members: [JSONValue.Member] = [
            .init("database", .string(database)),
            .init("epoch", epoch.map { .integer($0) } ?? .null),
            .init("merchants", JSONValue(merchants)),
            .init("customers", JSONValue(customers)),
            .init("boards_filled", JSONValue(filled)),
            .init("boards_not_filled", JSONValue(unfilled)),
            .init("points_mended", JSONValue(mended)),
            .init("board_differences", JSONValue(differencesCount)),
            .init("points_differences", JSONValue(pointsCount)),
            .init("differences", .array(differences.map(Self.json))),
            .init("points", .array(points.map(Self.json))),
        ]
        return ResultDocument.make(
            command: command, clusterID: nil, code: exitCode, error: refusal?.description, members)
    }

    private static func json(_ difference: BoardVerifier.Difference) -> JSONValue {
        .object([
            .init("merchant", .string(difference.merchant)),
            .init("customer", .string(difference.customer)),
            .init("kind", .string(difference.kind.rawValue)),
            .init("board_points", difference.boardPoints.map { .integer($0) } ?? .null),
            .init("points", difference.points.map { .integer($0) } ?? .null),
        ])
    }

    private static func json(_ difference: BoardAudit.Difference) -> JSONValue {
        .object([
            .init("merchant", .string(difference.merchant.description)),
            .init("customer", .string(difference.customer.description)),
            .init("points", .integer(difference.points)),
            .init("swept", .integer(difference.swept)),
            .init("ledger", .integer(difference.ledger)),
        ])
    }

    /// For people.
    func lines(_ style: TextStyle) -> [String] {
        var lines: [String] = []
        if !differences.isEmpty {
            var table = TextTable([
                .text("merchant"), .text("customer"), .text("board"), .number("board's points"), .number("points"),
            ])
            for difference in differences {
                table.add([
                    difference.merchant, difference.customer, difference.kind.rawValue,
                    difference.boardPoints.map(String.init) ?? "", difference.points.map(String.init) ?? "",
                ])
            }
            lines.append(table.text(style))
        }
        if !points.isEmpty {
            var table = TextTable([
                .text("merchant"), .text("customer"), .number("points"), .number("swept"), .number("ledger"),
            ])
            for difference in points {
                table.add([
                    difference.merchant.description, difference.customer.description, "\(difference.points)",
                    "\(difference.swept)", "\(difference.ledger)",
                ])
            }
            lines.append(table.text(style))
        }
        if refusal == nil { lines.append(summary) }
        return lines
    }

    private var summary: String {
        switch work {
        case .verify:
            "\(merchants) boards compared (\(unfilled) not filled), \(customers) customers: "
                + "\(differencesCount) differ from the totals, \(pointsCount) totals from what they are made of"
        case .rebuild(_, let isDryRun, _):
            isDryRun
                ? "\(merchants) boards would be filled, \(pointsCount) totals mended"
                : "\(filled) boards filled, \(customers) customers, \(mended) totals mended"
        }
    }
}
