/// Stands for one thing that was asked of a connection; its events carry it.
package struct PostgresTicket: Sendable, Hashable {
    let number: UInt64
}

/// What came of what was asked, in the order of asking.
package enum PostgresEvent {
    /// The connection is up and takes statements. Comes once.
    case connected
    /// A statement succeeded.
    case result(PostgresTicket, PostgresResult)
    /// A statement failed, or was not carried out (kind `skipped`) because one before it failed.
    case failure(PostgresTicket, PostgresError)
    /// Everything up to this ``PostgresConnection/sync()`` is done: committed, or undone if a statement failed and no
    /// transaction block is open.
    case synced(PostgresTicket)
    /// The server takes the data of a COPY … FROM STDIN now.
    case copyReady(PostgresTicket)
    /// The connection is over, for this reason. What was under way has failed before; nothing follows.
    case closed(PostgresError)
}
