import CCurl

/// The one owner of a libcurl easy handle and of what it points to while a request is under way.
struct CurlHandle: ~Copyable {
    /// An option that libcurl did not take.
    struct OptionError: Error {
        let option: CURLoption
        let code: CURLcode
    }

    private let library: CurlLibrary
    private let raw: UnsafeMutableRawPointer
    private let errorBuffer: UnsafeMutablePointer<CChar>
    private var headers: UnsafeMutablePointer<curl_slist>?

    init(library: CurlLibrary) throws(HTTPError) {
        guard let raw = library.easyInit() else { throw HTTPError(.unavailable, detail: "no easy handle") }
        self.library = library
        self.raw = raw
        errorBuffer = .allocate(capacity: ccurl_error_size())
        errorBuffer.initialize(repeating: 0, count: ccurl_error_size())
    }

    deinit {
        library.easyCleanup(raw)
        library.listFree(headers)
        errorBuffer.deallocate()
    }

    /// What libcurl says about the last failure, printable ASCII, at most 200 bytes.
    var errorText: String {
        let text = String(cString: errorBuffer).utf8.prefix(200).map {
            $0 >= 0x20 && $0 < 0x7F ? $0 : UInt8(ascii: "?")
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Sets every option for `request`; kept connections, sessions and resolved names survive the reset.
    mutating func prepare(_ request: HTTPRequest, _ settings: HTTPClientConfiguration) throws(OptionError) {
        library.easyReset(raw)
        library.listFree(headers)
        headers = nil
        errorBuffer[0] = 0
        try set(CURLOPT_URL, request.url.text)
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_HTTP_VERSION, ccurl_http_1_1())
        try set(CURLOPT_FOLLOWLOCATION, settings.redirectLimit > 0 ? 1 : 0)
        try set(CURLOPT_MAXREDIRS, settings.redirectLimit)
        try set(CURLOPT_MAXCONNECTS, max(1, settings.connectionLimit))
        try set(CURLOPT_CONNECTTIMEOUT_MS, settings.connectTimeout.curlMilliseconds)
        try set(
            CURLOPT_TIMEOUT_MS, min(request.timeout ?? settings.totalTimeout, settings.totalTimeout).curlMilliseconds)
        try check(CURLOPT_MAXFILESIZE_LARGE) {
            ccurl_setopt_offset(library.setOption, raw, $0, curl_off_t(max(1, settings.responseLimit)))
        }
        // With a name server that does not answer, a timeout of 1 s took 5 s without this. Unknown before 7.87.
        _ = ccurl_setopt_long(library.setOption, raw, CURLOPT_QUICK_EXIT, 1)
        try set(CURLOPT_USERAGENT, settings.userAgent)
        if request.url.isLoopback { try set(CURLOPT_PROXY, "") }
        try check(CURLOPT_ERRORBUFFER) { ccurl_setopt_pointer(library.setOption, raw, $0, errorBuffer) }
        try setTLS(settings.tls)
        try setCredentials(settings.credentials)
        try setHeaders(request)
        try setMethodAndBody(request)
    }

    /// Does the exchange, blocking, and hands what comes to `collector`.
    mutating func perform(into collector: ResponseCollector) -> CURLcode {
        let context = Unmanaged.passUnretained(collector).toOpaque()
        do throws(OptionError) {
            try check(CURLOPT_WRITEFUNCTION) { ccurl_setopt_write(library.setOption, raw, $0, collectBody) }
            try check(CURLOPT_WRITEDATA) { ccurl_setopt_pointer(library.setOption, raw, $0, context) }
            try check(CURLOPT_HEADERFUNCTION) { ccurl_setopt_write(library.setOption, raw, $0, collectHeader) }
            try check(CURLOPT_HEADERDATA) { ccurl_setopt_pointer(library.setOption, raw, $0, context) }
            try check(CURLOPT_XFERINFOFUNCTION) { ccurl_setopt_progress(library.setOption, raw, $0, stopIfCancelled) }
            try set(CURLOPT_NOPROGRESS, 0)
        } catch {
            return error.code
        }
        let code = withExtendedLifetime(collector) { library.easyPerform(raw) }
        var status = 0
        if ccurl_getinfo_long(library.getInfo, raw, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK {
            collector.status = status
        }
        return code
    }

    private func setTLS(_ tls: HTTPClientConfiguration.TLS) throws(OptionError) {
        try set(CURLOPT_SSL_VERIFYPEER, 1)
        try set(CURLOPT_SSL_VERIFYHOST, 2)
        try set(CURLOPT_SSLVERSION, ccurl_tls_1_2())
        if let file = tls.caFile { try set(CURLOPT_CAINFO, file) }
        if let file = tls.certificateFile { try set(CURLOPT_SSLCERT, file) }
        if let file = tls.keyFile { try set(CURLOPT_SSLKEY, file) }
    }

    private func setCredentials(_ credentials: HTTPCredentials?) throws(OptionError) {
        switch credentials?.value {
        case .basic(let user, let password):
            try set(CURLOPT_HTTPAUTH, ccurl_auth_basic())
            try set(CURLOPT_USERNAME, user)
            try set(CURLOPT_PASSWORD, password)
        case .bearer(let token):
            try set(CURLOPT_HTTPAUTH, ccurl_auth_bearer())
            try set(CURLOPT_XOAUTH2_BEARER, token)
        case nil:
            break
        }
    }

    private mutating func setHeaders(_ request: HTTPRequest) throws(OptionError) {
        // Without this line libcurl asks leave to send a large body and waits a second for servers that ignore it.
        var lines = ["Expect:"]
        lines += request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        for line in lines {
            guard let longer = library.listAppend(headers, line) else {
                throw OptionError(option: CURLOPT_HTTPHEADER, code: CURLE_OUT_OF_MEMORY)
            }
            headers = longer
        }
        try check(CURLOPT_HTTPHEADER) { ccurl_setopt_pointer(library.setOption, raw, $0, headers) }
    }

    private mutating func setMethodAndBody(_ request: HTTPRequest) throws(OptionError) {
        if let bytes = request.body {
            try check(CURLOPT_POSTFIELDSIZE_LARGE) {
                ccurl_setopt_offset(library.setOption, raw, $0, curl_off_t(bytes.count))
            }
            // libcurl copies the bytes, so nothing of ours has to stay in place.
            try check(CURLOPT_COPYPOSTFIELDS) { option in
                bytes.withUnsafeBufferPointer {
                    ccurl_setopt_pointer(library.setOption, raw, option, $0.baseAddress)
                }
            }
        }
        if request.method != .get || request.body != nil { try set(CURLOPT_CUSTOMREQUEST, request.method.rawValue) }
    }

    private func set(_ option: CURLoption, _ value: Int) throws(OptionError) {
        try check(option) { ccurl_setopt_long(library.setOption, raw, $0, value) }
    }

    /// libcurl copies every text it is given.
    private func set(_ option: CURLoption, _ value: String) throws(OptionError) {
        try check(option) { option in
            value.withCString { ccurl_setopt_pointer(library.setOption, raw, option, $0) }
        }
    }

    private func check(_ option: CURLoption, _ call: (CURLoption) -> CURLcode) throws(OptionError) {
        let code = call(option)
        guard code == CURLE_OK else { throw OptionError(option: option, code: code) }
    }
}

private func collectBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return 0 }
    let collector = Unmanaged<ResponseCollector>.fromOpaque(context).takeUnretainedValue()
    return collector.addBody(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
}

private func collectHeader(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return 0 }
    let collector = Unmanaged<ResponseCollector>.fromOpaque(context).takeUnretainedValue()
    return collector.addHeader(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
}

/// libcurl calls this at least once a second, on the thread that runs the calling task.
private func stopIfCancelled(
    _: UnsafeMutableRawPointer?, _: curl_off_t, _: curl_off_t, _: curl_off_t, _: curl_off_t
) -> Int32 {
    Task.isCancelled ? 1 : 0
}
