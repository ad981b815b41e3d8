/// An error of a PostgreSQL server, of the way to it, or of how it was asked.
///
/// Its text holds names, numbers and the server's reason, but never values: the server's message is left out for the
/// classes that quote them (22, data; 23, constraints), and details are never taken.
package struct PostgresError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, as far as the caller's next step depends on it.
    package enum Kind: Sendable, Equatable {
        /// The connection string, or how the module was used, is wrong.
        case configuration
        /// The server cannot be reached, or takes no connections now.
        case unreachable
        /// User or password are refused.
        case authentication
        /// The user lacks a right.
        case authorization
        /// The connection broke: whether the statement was carried out is not known.
        case connectionLost
        /// No answer in time; the connection was given up.
        case timedOut
        /// Cancelled: by this program, by an administrator or by `statement_timeout`.
        case cancelled
        /// A lock was not to be had within `lock_timeout`.
        case lockNotAvailable
        /// A deadlock or a serialization failure: the transaction is to be tried again.
        case conflict
        /// The server is a standby, or the session may not write.
        case readOnly
        /// A table, column, function or database that does not exist.
        case missingObject
        /// A constraint, or a trigger of ours that stands for one.
        case constraint
        /// A value that does not fit its type.
        case invalidData
        /// Out of memory, disk or connections.
        case resources
        /// Not sent, because too much is under way already.
        case limit
        /// Not carried out, because a statement before it in the same pipeline failed.
        case skipped
        /// Anything else.
        case other
    }

    /// What went wrong, in kind.
    package var kind: Kind
    /// The server's code; nil where libpq or this module found the error.
    package var sqlState: SQLState?
    /// What happened, one line without values.
    package var reason: String
    /// The table concerned, where the server names one.
    package var table: String?
    /// The column concerned, where the server names one.
    package var column: String?
    /// The constraint that was broken, where the server names one.
    package var constraint: String?
    /// Where in the statement, or script, the error stands: characters, counted from 1.
    package var position: Int?

    /// An error that no server reported.
    package init(_ kind: Kind, _ reason: String, sqlState: SQLState? = nil) {
        self.kind = kind
        self.reason = reason
        self.sqlState = sqlState
    }

    /// The same transaction, or connection attempt, may succeed when it is tried again as it is.
    package var isRetriable: Bool {
        switch kind {
        case .unreachable, .connectionLost, .timedOut, .lockNotAvailable, .conflict, .resources, .limit: true
        default: false
        }
    }

    /// The connection is of no use any more.
    package var endsConnection: Bool {
        switch kind {
        case .connectionLost, .timedOut, .unreachable, .authentication: true
        default: false
        }
    }

    /// One line: what happened, the server's code, and what helps.
    package var description: String {
        var text = reason
        if let constraint { text += " (constraint \(constraint)\(table.map { " of \($0)" } ?? ""))" }
        if let sqlState { text += " [SQLSTATE \(sqlState)]" }
        if let advice { text += "; \(advice)" }
        return text
    }

    private var advice: String? {
        switch kind {
        case .authentication:
            "check the user, and the password in the file or in PGPASSWORD, PGPASSFILE"
        case .readOnly: "name the primary, or add target_session_attrs=read-write to the connection string"
        case .missingObject where sqlState == .undefinedTable || sqlState == .undefinedColumn:
            "apply the migrations: gamification-server migrate"
        default: nil
        }
    }
}
