import CCurl

/// One libcurl easy handle: sends one request at a time and keeps its connections open between them. It blocks, so
/// never use it on the cooperative pool; ``HTTPClient`` gives it a thread. It may move between threads.
package struct HTTPConnection: ~Copyable {
    private let configuration: HTTPClientConfiguration
    private var handle: CurlHandle?

    /// Opens nothing: the first request does.
    package init(_ configuration: HTTPClientConfiguration = HTTPClientConfiguration()) {
        self.configuration = configuration
    }

    /// Sends `request` and returns the whole answer, whatever its status. Blocks, at the longest as the timeouts allow.
    package mutating func send(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse {
        try request.validate()
        if handle == nil { handle = try CurlHandle(library: try CurlLibrary.shared.get()) }
        let collector = ResponseCollector(limit: configuration.responseLimit)
        // The closure's borrow of the optional keeps the handle in place, its one owner.
        guard let code = try perform(request, into: collector) else { throw HTTPError(.unavailable, url: request.url) }
        if code == CURLE_OK, let response = collector.response() { return response }
        throw HTTPError(curl: code, request: request, collector: collector, errorText: handle?.errorText ?? "")
    }

    private mutating func perform(
        _ request: HTTPRequest, into collector: ResponseCollector
    ) throws(HTTPError) -> CURLcode? {
        do {
            try handle?.prepare(request, configuration)
        } catch {
            throw HTTPError(
                Self.kind(ofOption: error.option), url: request.url, nativeCode: error.code.rawValue,
                detail: "an option was refused")
        }
        return handle?.perform(into: collector)
    }

    private static func kind(ofOption option: CURLoption) -> HTTPError.Kind {
        switch option {
        case CURLOPT_CAINFO, CURLOPT_SSLCERT, CURLOPT_SSLKEY: .badCertificateFile
        case CURLOPT_URL, CURLOPT_HTTPHEADER: .badRequest
        default: .unavailable
        }
    }
}

extension HTTPRequest {
    /// Refuses what could smuggle a second header line or break the request line.
    fileprivate func validate() throws(HTTPError) {
        for (name, value) in headers {
            guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }) else {
                throw HTTPError(.badRequest, url: url, detail: "a header's name is no token")
            }
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
                throw HTTPError(.badRequest, url: url, detail: "the header \(name) holds a control character")
            }
        }
        guard url.text.utf8.count <= HTTPURL.lengthLimit else {
            throw HTTPError(.badRequest, url: url, detail: "the URL is longer than \(HTTPURL.lengthLimit) bytes")
        }
    }
}
