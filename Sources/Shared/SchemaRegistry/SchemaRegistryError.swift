import HTTPClient

/// The schema registry could not be asked, or did not answer as a Confluent-compatible registry does.
package struct SchemaRegistryError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, in classes that a caller tells apart.
    package enum Kind: String, Sendable, CaseIterable {
        /// No connection, no answer in time, or a broken one, after all retries.
        case unreachable = "the schema registry could not be reached in time"
        /// It answered 429 or 5xx, after all retries.
        case unavailable = "the schema registry is not available"
        /// Certificates or the TLS handshake.
        case tls = "the TLS connection to the schema registry failed"
        /// 401 or 403.
        case notAuthorised = "the schema registry refuses the credentials"
        /// A 404 that is no registry's, or a redirect.
        case wrongPath = "this URL is not the API of a schema registry"
        /// An answer that is not the JSON it should be.
        case malformedAnswer = "the schema registry's answer cannot be understood"
        /// An answer longer than the limit.
        case tooLarge = "the schema registry's answer is too large"
        /// A schema of another type than AVRO.
        case notAvro = "the schema is not an Avro schema"
        /// References that are missing, circular, nested too deeply or too many.
        case badReferences = "the schema's references cannot be resolved"
        /// 409: the subject's compatibility level forbids the schema.
        case incompatible = "the schema is incompatible with an earlier version"
        /// 422: the registry does not take the schema, version or level for one.
        case invalid = "the schema registry finds the request invalid"
        /// Another 4xx.
        case refused = "the schema registry refused the request"
        /// The URL, credentials or TLS files cannot be used, or libcurl is missing.
        case misconfigured = "the schema registry client cannot be used as configured"
        /// The calling task was cancelled.
        case cancelled = "cancelled"
    }

    /// What went wrong.
    package let kind: Kind
    /// Method and URL without user name, password and query, such as `GET http://host:8081/schemas/ids/7`.
    package let request: String
    /// The HTTP status; nil if there was no answer.
    package let status: Int?
    /// The registry's `error_code`; nil if the answer had none.
    package let errorCode: Int?
    /// A few words more: the registry's message or the transport's error, printable ASCII, at most 600 bytes.
    package let detail: String?
    /// How often it was tried.
    package let attempts: Int

    /// An error of these parts.
    package init(
        _ kind: Kind, request: String, status: Int? = nil, errorCode: Int? = nil, detail: String? = nil,
        attempts: Int = 1
    ) {
        self.kind = kind
        self.request = request
        self.status = status
        self.errorCode = errorCode
        self.detail = detail.map { printable($0, limit: 600) }
        self.attempts = attempts
    }

    /// Whether the same call may succeed later; it has been retried already.
    package var isRetriable: Bool { kind == .unreachable || kind == .unavailable }

    /// What the user can do.
    package var advice: String {
        switch kind {
        case .unreachable: "check the registry's URL and whether it runs, then run again"
        case .unavailable: "wait until the registry has recovered, then run again"
        case .tls: "check the CA file, the host name in the URL and the client certificate"
        case .notAuthorised: "check the registry's user name and password or token, and what they may read"
        case .wrongPath: "check the base URL, its path included (such as /apis/ccompat/v7)"
        case .malformedAnswer: "check that the URL names a registry, and that no proxy answers in its place"
        case .tooLarge: "check that the URL names a registry"
        case .notAvro: "records with this schema id cannot be decoded here"
        case .badReferences: "register the missing references; records with this schema id cannot be decoded until then"
        case .incompatible: "change the schema so that it can read what the earlier version wrote"
        case .invalid: "correct the schema"
        case .refused: "see the registry's message"
        case .misconfigured: "correct the URL, credentials or TLS files"
        case .cancelled: "nothing needs to be done"
        }
    }

    /// What happened, to which URL or schema, and what helps.
    package var description: String {
        var text = "\(request): \(kind.rawValue)"
        var facts: [String] = []
        if let status { facts.append("HTTP \(status)") }
        if let errorCode { facts.append("error_code \(errorCode)") }
        if attempts > 1 { facts.append("\(attempts) attempts") }
        if let detail, !detail.isEmpty { facts.append(detail) }
        if !facts.isEmpty { text += " (" + facts.joined(separator: ", ") + ")" }
        return "\(text); \(advice)"
    }
}

extension SchemaRegistryError {
    /// What a failed exchange means here.
    init(_ error: HTTPError, request: String, attempts: Int) {
        let kind: Kind =
            switch error.kind {
            case .unresolved, .unreachable, .timedOut, .interrupted, .malformed, .other: .unreachable
            case .tls: .tls
            case .tooLarge: .tooLarge
            case .badRequest, .unavailable, .badCertificateFile: .misconfigured
            case .cancelled: .cancelled
            }
        var detail = error.kind.rawValue
        if let more = error.detail { detail += ": \(more)" }
        if error.nativeCode != 0 { detail += " [curl \(error.nativeCode)]" }
        self.init(kind, request: request, detail: detail, attempts: attempts)
    }
}

/// `text` with everything but printable ASCII as question marks, at most `limit` bytes.
func printable(_ text: String, limit: Int) -> String {
    String(decoding: text.utf8.prefix(limit).map { $0 >= 0x20 && $0 < 0x7F ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
}
