/// What is asked of a server.
package struct HTTPRequest: Sendable {
    /// The methods in use here.
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    /// The method.
    package var method: Method
    /// Where to.
    package var url: HTTPURL
    /// Header lines in order. A name or value with a control character is refused when sent.
    package var headers: [(name: String, value: String)]
    /// The body; nil sends none.
    package var body: [UInt8]?
    /// Bounds this exchange more tightly than the client's own total timeout; nil leaves that.
    package var timeout: Duration?

    /// A request.
    package init(
        _ method: Method = .get, _ url: HTTPURL, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil,
        timeout: Duration? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
    }
}

/// A complete answer, whatever its status.
package struct HTTPResponse: Sendable {
    /// The status code, 100 to 999.
    package let status: Int
    /// Header lines of the last answer, names lower-cased, in order.
    package let headers: [(name: String, value: String)]
    /// The body, at most as long as the client's limit.
    package let body: [UInt8]

    /// A response of these parts.
    package init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first value of the header `name` (lower case), nil if it is absent.
    package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}
