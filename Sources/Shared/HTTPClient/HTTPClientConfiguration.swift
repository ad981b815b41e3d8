/// How a client connects, how long it waits and how much it reads.
package struct HTTPClientConfiguration: Sendable {
    /// Files for TLS, all PEM.
    package struct TLS: Sendable {
        /// Certificates to trust in place of the system's; nil trusts the system's.
        package var caFile: String?
        /// The client certificate, with its chain; nil presents none.
        package var certificateFile: String?
        /// The client certificate's key, not encrypted; nil if it stands in ``certificateFile``.
        package var keyFile: String?

        /// The system's authorities and no client certificate, unless files say otherwise.
        package init(caFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil) {
            self.caFile = caFile
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }

    /// For the connection, name resolution and TLS handshake included.
    package var connectTimeout: Duration
    /// For the whole exchange, the wait for the client's thread included.
    package var totalTimeout: Duration
    /// The longest body accepted, in bytes.
    package var responseLimit: Int
    /// How many redirects are followed; 0 hands the redirect to the caller.
    package var redirectLimit: Int
    /// The idle connections that are kept for reuse.
    package var connectionLimit: Int
    /// Certificates and keys. A certificate is always verified, host name included; TLS 1.2 is the least.
    package var tls: TLS
    /// Sent with every request to the request's own host, never to where a redirect leads elsewhere.
    package var credentials: HTTPCredentials?
    /// The User-Agent.
    package var userAgent: String

    /// A configuration of these parts.
    package init(
        connectTimeout: Duration = .seconds(5), totalTimeout: Duration = .seconds(10),
        responseLimit: Int = 4 << 20, redirectLimit: Int = 0, connectionLimit: Int = 2, tls: TLS = TLS(),
        credentials: HTTPCredentials? = nil, userAgent: String = "gamification-toolkit"
    ) {
        self.connectTimeout = connectTimeout
        self.totalTimeout = totalTimeout
        self.responseLimit = responseLimit
        self.redirectLimit = redirectLimit
        self.connectionLimit = connectionLimit
        self.tls = tls
        self.credentials = credentials
        self.userAgent = userAgent
    }
}
