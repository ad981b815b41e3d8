import Postgres

/// A purge, step by step. Pure: it is told what came of its last step, and says the next one. Every step may be done twice, so a
/// purge that a crash broke off begins again.
struct PurgeMachine: Sendable {
    enum Step: Sendable, Equatable {
        /// ``PurgeStatements/deleteBatch``; answered by ``deleted(_:total:)``.
        case delete
        /// ``PurgeStatements/clearPage`` after this award; answered by ``cleared(_:)``.
        case clear(after: Award)
        /// The request for the archive, on `audit_log`; answered by ``published()`` once it is acknowledged.
        case publish
        /// ``PurgeStatements/finish``; answered by ``finished()``.
        case finish
        case done
    }

    /// An award of the merchant, by what it sorts.
    struct Award: Sendable, Equatable {
        let customer: PostgresUUID
        let badge: String

        /// Before all awards.
        static let first = Award(customer: PostgresUUID(high: 0, low: 0), badge: "")
    }

    private(set) var request: PurgeRequest

    init(_ request: PurgeRequest) { self.request = request }

    var first: Step { .delete }

    /// A batch of `count` marks is gone, `total` since the request was made.
    mutating func deleted(_ count: Int, total: Int64) -> Step {
        request.purged = total
        return count == PurgeStatements.batch ? .delete : .clear(after: .first)
    }

    /// The page ended with this award; nil if there was none left.
    func cleared(_ last: Award?) -> Step { last.map { .clear(after: $0) } ?? .publish }

    func published() -> Step { .finish }

    func finished() -> Step { .done }
}
