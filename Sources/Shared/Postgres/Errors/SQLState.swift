/// The five characters by which PostgreSQL names a condition (its manual's appendix A).
package struct SQLState: Sendable, Hashable, CustomStringConvertible {
    /// The characters, for example `40P01`.
    package let code: String

    /// The code, if it has five capital letters or digits.
    package init?(_ code: some StringProtocol) {
        guard code.utf8.count == 5, code.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) })
        else { return nil }
        self.code = String(code)
    }

    private init(known code: String) { self.code = code }

    /// The first two characters, which name the class.
    package var classCode: String { String(code.prefix(2)) }

    /// The five characters.
    package var description: String { code }

    /// Two transactions waited for each other; this one was ended.
    package static let deadlockDetected = SQLState(known: "40P01")
    /// A concurrent change made the transaction's view impossible.
    package static let serializationFailure = SQLState(known: "40001")
    /// `lock_timeout` or NOWAIT.
    package static let lockNotAvailable = SQLState(known: "55P03")
    /// `statement_timeout`, or a cancellation.
    package static let queryCanceled = SQLState(known: "57014")
    /// The server shuts down or an administrator ended the session.
    package static let adminShutdown = SQLState(known: "57P01")
    /// The server does not take connections now.
    package static let cannotConnectNow = SQLState(known: "57P03")
    /// A write on a standby, or in a read-only transaction.
    package static let readOnlyTransaction = SQLState(known: "25006")
    /// A statement in a transaction that has failed.
    package static let inFailedTransaction = SQLState(known: "25P02")
    /// A table that is not there, or not on the search path.
    package static let undefinedTable = SQLState(known: "42P01")
    /// A column that is not there.
    package static let undefinedColumn = SQLState(known: "42703")
    /// A function, or an operator, that is not there for these types.
    package static let undefinedFunction = SQLState(known: "42883")
    /// The user lacks a right.
    package static let insufficientPrivilege = SQLState(known: "42501")
    /// The password is refused.
    package static let invalidPassword = SQLState(known: "28P01")
    /// A database that is not there.
    package static let undefinedDatabase = SQLState(known: "3D000")
    /// A key that exists already.
    package static let uniqueViolation = SQLState(known: "23505")
    /// A value that a check constraint does not allow.
    package static let checkViolation = SQLState(known: "23514")
}
