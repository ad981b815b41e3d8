/// Fills one board from `customer_points`, while live updates go on. Pure: it is told what came of its last step, and says the
/// next one; a server drives it on its event loop, a tool with blocking sessions.
///
/// Emptying comes first. Then the note that the board is in need of repair goes, and only then rows are read: a transaction
/// that noted it again before the row was gone is in what is read, and a later one notes it again. `filled` comes last, and only
/// if nobody else has begun to fill the board since.
struct BoardFill: Sendable {
    /// Rows of a page.
    static let pageSize = BoardScripts.batchLimit

    enum Step: Sendable, Equatable {
        /// ``BoardScripts/begin(_:merchant:token:)``; answered by ``begun()``.
        case begin
        /// ``BoardStatements/forgetRepair``; answered by ``forgotten()``.
        case forgetRepair
        /// ``BoardStatements/totals`` of customers after this one; answered by ``read(_:)``.
        case read(after: String?)
        /// ``BoardScripts/setTotals(_:merchant:_:)``; answered by ``set()``.
        case set([BoardTotal])
        /// ``BoardScripts/finish(_:merchant:token:epoch:)``; answered by ``finished(_:)``.
        case finish
        case done(Outcome)
    }

    enum Outcome: Sendable, Equatable {
        case filled(customers: Int)
        /// Another filler has begun since, or Redis lost the board: it is not filled, and need not be by this one.
        case overtaken
    }

    /// For whom. A lower-case UUID.
    let merchant: String
    /// Random.
    let token: String
    /// The epoch that was read before the fill began.
    let epoch: Int64
    private(set) var customers = 0
    private var last: String?
    private var isLastPage = false

    init(merchant: String, token: String, epoch: Int64) {
        self.merchant = merchant
        self.token = token
        self.epoch = epoch
    }

    var first: Step { .begin }

    func begun() -> Step { .forgetRepair }

    func forgotten() -> Step { .read(after: nil) }

    /// What ``BoardStatements/totals`` gave, in its order.
    mutating func read(_ totals: [BoardTotal]) -> Step {
        isLastPage = totals.count < Self.pageSize
        last = totals.last?.customer ?? last
        customers += totals.count
        return totals.isEmpty ? .finish : .set(totals)
    }

    func set() -> Step { isLastPage ? .finish : .read(after: last) }

    /// `isFilled` is what the script answered.
    func finished(_ isFilled: Bool) -> Step { .done(isFilled ? .filled(customers: customers) : .overtaken) }
}
