import CLibPQ

/// A notice or warning of the server, for example that a table is there already.
package struct PostgresNotice: Sendable, Equatable {
    /// `NOTICE`, `WARNING` and the like, in English whatever the server speaks.
    package let severity: String
    /// The notice's code.
    package let sqlState: SQLState?
    /// The server's words; at most 300 characters.
    package let message: String
}

/// The notices of a connection that nobody has taken yet. libpq calls the receiver on whatever thread drives the
/// connection, which is the only one that touches it.
final class NoticeBox {
    /// Notices kept; what comes beyond is counted and forgotten.
    static let limit = 64

    private var notices: [PostgresNotice] = []

    func take() -> [PostgresNotice] {
        defer { notices.removeAll(keepingCapacity: true) }
        return notices
    }

    func add(_ result: OpaquePointer?) {
        guard notices.count < Self.limit, let result else { return }
        func field(_ code: Int32) -> String? { PQresultErrorField(result, code).map { String(cString: $0) } }
        notices.append(
            PostgresNotice(
                severity: field(clibpq_field_severity()) ?? "NOTICE",
                sqlState: field(clibpq_field_sqlstate()).flatMap { SQLState($0) },
                message: PostgresError.bounded(field(clibpq_field_message()) ?? "")))
    }
}

/// libpq's notice receiver; `box` is the connection's NoticeBox, which outlives the connection handle.
func receivePostgresNotice(_ box: UnsafeMutableRawPointer?, _ result: OpaquePointer?) {
    guard let box else { return }
    Unmanaged<NoticeBox>.fromOpaque(box).takeUnretainedValue().add(result)
}
