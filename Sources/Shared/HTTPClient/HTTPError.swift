/// An HTTP exchange that gave no answer. (An answer with an error status is an ``HTTPResponse``.)
package struct HTTPError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, in classes that a caller tells apart.
    package enum Kind: String, Sendable, CaseIterable {
        /// The URL, a header or a credential cannot be sent as it is.
        case badRequest = "the request cannot be sent"
        /// libcurl is not installed or too old.
        case unavailable = "no usable libcurl"
        /// The host's name has no address, or no name server answered.
        case unresolved = "the host name could not be resolved"
        /// No connection: refused, no route, proxy away.
        case unreachable = "could not connect"
        /// The connection or the whole exchange took longer than it may.
        case timedOut = "timed out"
        /// The TLS handshake failed: certificate, host name, protocol version, client certificate.
        case tls = "TLS failed"
        /// A certificate or key file of this side could not be read.
        case badCertificateFile = "a TLS file could not be used"
        /// The answer is larger than the caller allows.
        case tooLarge = "the answer is too large"
        /// The connection ended before the answer did.
        case interrupted = "the connection ended before the answer was complete"
        /// What came back is not HTTP.
        case malformed = "the answer is not HTTP"
        /// The calling task was cancelled.
        case cancelled = "cancelled"
        /// libcurl reported something else.
        case other = "failed"
    }

    /// What went wrong.
    package let kind: Kind
    /// Where: scheme, host, port and path, without user name, password and query. Nil before a URL was known.
    package let url: String?
    /// libcurl's `CURLcode`; 0 where the fault was found before libcurl was called.
    package let nativeCode: UInt32
    /// A few words more, free of secrets: what is wrong with the request, or what TLS says. At most 200 bytes.
    package let detail: String?

    /// An error of these parts.
    package init(_ kind: Kind, url: HTTPURL? = nil, nativeCode: UInt32 = 0, detail: String? = nil) {
        self.kind = kind
        self.url = url?.description
        self.nativeCode = nativeCode
        self.detail = detail
    }

    /// Whether the same request may succeed a moment later.
    package var isRetriable: Bool {
        switch kind {
        case .unresolved, .unreachable, .timedOut, .interrupted, .malformed: true
        case .badRequest, .unavailable, .tls, .badCertificateFile, .tooLarge, .cancelled, .other: false
        }
    }

    /// What the user can do.
    package var advice: String {
        switch kind {
        case .badRequest: "correct the URL, header or credential"
        case .unavailable: "install libcurl 7.85 or newer (Debian: libcurl4)"
        case .unresolved: "check the host name and the name server"
        case .unreachable: "check host and port, and whether the service runs"
        case .timedOut: "check the service's load and the network; a longer timeout may help"
        case .tls: "check the CA file, the host name in the URL and the client certificate"
        case .badCertificateFile: "check that the CA, certificate and key files exist, are PEM and may be read"
        case .tooLarge: "check that the URL names the right service"
        case .interrupted: "try again; look at the service's log if it stays"
        case .malformed: "check that the port speaks HTTP, and whether it wants https"
        case .cancelled: "nothing needs to be done"
        case .other: "see libcurl's list of error codes"
        }
    }

    /// What happened, to which URL, and what helps; no credentials.
    package var description: String {
        var text = url.map { "\($0): " } ?? ""
        text += kind.rawValue
        if let detail { text += " (\(detail))" }
        if nativeCode != 0 { text += " [curl \(nativeCode)]" }
        return "\(text); \(advice)"
    }
}
