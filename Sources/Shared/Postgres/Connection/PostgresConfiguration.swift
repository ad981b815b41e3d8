import CLibPQ

/// How to reach a server: libpq's connection string and its `PG*` variables, TLS included, and a password that came by
/// file. Nothing of it is shown anywhere; messages name server, port and database after the connection was tried.
package struct PostgresConfiguration: Sendable {
    /// libpq's `keyword=value …`, a `postgresql://` URI, a database's name, or empty for the `PG*` variables alone.
    private let conninfo: String
    private let password: String?
    private let applicationName: String
    /// What the server is asked to set for the session, as `-c name=value`, unless the connection string says otherwise.
    package var sessionOptions: String?
    /// Whether the connection string holds a password.
    package let holdsPassword: Bool

    /// Reads a connection string.
    ///
    /// - Parameters:
    ///   - password: wins over one in the string, PGPASSWORD and PGPASSFILE.
    ///   - applicationName: what `pg_stat_activity` shows unless the string or PGAPPNAME says otherwise.
    /// - Throws: `PostgresError` of kind `configuration`; it does not quote the string, which may hold a password.
    package init(_ conninfo: String, password: String? = nil, applicationName: String) throws(PostgresError) {
        guard !conninfo.utf8.contains(0) else { throw PostgresError(.configuration, "holds a NUL byte") }
        self.conninfo = conninfo
        self.password = password
        self.applicationName = applicationName
        holdsPassword = try Self.options(of: conninfo).contains("password")
    }

    /// The keywords that a connection string sets.
    private static func options(of conninfo: String) throws(PostgresError) -> Set<String> {
        let isURI = conninfo.hasPrefix("postgresql://") || conninfo.hasPrefix("postgres://")
        guard isURI || conninfo.contains("=") else { return [] }
        guard let list = PQconninfoParse(conninfo, nil) else {
            throw PostgresError(
                .configuration,
                "is not a connection string of libpq: give keyword=value pairs, a postgresql:// URI or a database's name"
            )
        }
        defer { PQconninfoFree(list) }
        var found: Set<String> = []
        var entry = list
        while let keyword = entry.pointee.keyword {
            if entry.pointee.val != nil { found.insert(String(cString: keyword)) }
            entry += 1
        }
        return found
    }

    /// Begins to connect. Names are resolved here, by the system's resolver, which blocks; addresses and sockets are
    /// not.
    func start() throws(PostgresError) -> ConnectionHandle {
        // What stands before the string is a default that it may change, what stands behind it is not.
        var settings: [(String, String)] = [
            ("fallback_application_name", applicationName),
            ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "20000"),
        ]
        if let sessionOptions { settings.append(("options", sessionOptions)) }
        settings += [("dbname", conninfo), ("client_encoding", "UTF8")]
        if let password { settings.append(("password", password)) }
        let raw = Self.withCStrings(settings.map(\.0)) { keywords in
            Self.withCStrings(settings.map(\.1)) { values in PQconnectStartParams(keywords, values, 1) }
        }
        guard let raw else { throw PostgresError(.resources, "no memory for a connection") }
        return ConnectionHandle(raw)
    }

    private static func withCStrings<Result>(
        _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
    ) -> Result {
        var bytes: [CChar] = []
        var starts: [Int] = []
        for text in texts {
            starts.append(bytes.count)
            bytes.append(contentsOf: text.utf8.map { CChar(bitPattern: $0) })
            bytes.append(0)
        }
        return bytes.withUnsafeBufferPointer { buffer in
            let pointers = starts.map { buffer.baseAddress?.advanced(by: $0) } + [nil]
            return pointers.withUnsafeBufferPointer { pointers in
                // Never nil: there is at least the terminating entry.
                guard let base = pointers.baseAddress else { preconditionFailure("an array without a base") }
                return body(base)
            }
        }
    }
}
