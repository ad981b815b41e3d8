import CLibPQ

/// The one owner of a `PGconn`.
struct ConnectionHandle: ~Copyable {
    let raw: OpaquePointer

    /// Takes over a connection that libpq made.
    init(_ raw: OpaquePointer) { self.raw = raw }

    deinit { PQfinish(raw) }
}

/// The one owner of a `PGresult`.
struct ResultHandle: ~Copyable {
    let raw: OpaquePointer

    /// Takes over a result that libpq made.
    init(_ raw: OpaquePointer) { self.raw = raw }

    deinit { PQclear(raw) }
}
