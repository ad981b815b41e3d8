import HTTPClient
import Lifecycle

/// Sends calls to the registry, again where that can help, and hands back every answer that is not a passing failure.
struct RegistryTransport: Sendable {
    /// The media type of Confluent's API; every registry takes it.
    static let mediaType = "application/vnd.schemaregistry.v1+json"

    let http: HTTPClient
    let base: HTTPURL
    let policy: RegistryRetryPolicy
    let time: RegistryTime

    /// One call with its retries. Network failures, 408, 429 and 5xx are tried again until attempts or time are used
    /// up; then they are thrown.
    func send(_ call: RegistryCall) async throws(SchemaRegistryError) -> HTTPResponse {
        let deadline = time.clock.now().advanced(by: policy.totalTimeout.wholeNanoseconds)
        let name = call.name(base)
        var attempt = 0
        while true {
            attempt += 1
            let left = Duration.nanoseconds(deadline.nanoseconds(since: time.clock.now()))
            let request = call.request(base, timeout: min(policy.attemptTimeout, max(left, .milliseconds(1))))
            let failure: SchemaRegistryError
            var pause = policy.pause(after: attempt, random: time.random())
            do throws(HTTPError) {
                let response = try await http.send(request)
                guard Self.isPassing(response.status) else { return response }
                failure = call.error(.unavailable, base, response, attempts: attempt)
                if let asked = Self.retryAfter(response) { pause = max(pause, asked) }
            } catch {
                failure = SchemaRegistryError(error, request: name, attempts: attempt)
                guard error.isRetriable else { throw failure }
            }
            let resumed = time.clock.now().advanced(by: pause.wholeNanoseconds)
            guard attempt < policy.attemptLimit, resumed < deadline else { throw failure }
            do { try await time.sleep(pause) } catch {
                throw SchemaRegistryError(.cancelled, request: name, attempts: attempt)
            }
        }
    }

    private static func isPassing(_ status: Int) -> Bool { status == 408 || status == 429 || status >= 500 }

    /// `Retry-After` in seconds (RFC 9110); its date form is left to our own pauses.
    private static func retryAfter(_ response: HTTPResponse) -> Duration? {
        guard let text = response.header("retry-after"), let seconds = UInt32(text) else { return nil }
        return .seconds(Int64(seconds))
    }
}

/// One call of the registry's API.
struct RegistryCall: Sendable {
    var method: HTTPRequest.Method = .get
    /// Path segments below the base URL, not yet encoded.
    var path: [String]
    var query: [(name: String, value: String)] = []
    var body: [UInt8]?

    func request(_ base: HTTPURL, timeout: Duration) -> HTTPRequest {
        var headers = [("Accept", RegistryTransport.mediaType + ", application/json")]
        if body != nil { headers.append(("Content-Type", RegistryTransport.mediaType)) }
        return HTTPRequest(method, base.appending(path, query: query), headers: headers, body: body, timeout: timeout)
    }

    /// For errors: method and URL.
    func name(_ base: HTTPURL) -> String { "\(method.rawValue) \(base.appending(path))" }

    /// An error that quotes the registry's own code and message.
    func error(
        _ kind: SchemaRegistryError.Kind, _ base: HTTPURL, _ response: HTTPResponse, detail: String? = nil,
        attempts: Int = 1
    ) -> SchemaRegistryError {
        let problem = ErrorAnswer(response)
        return SchemaRegistryError(
            kind, request: name(base), status: response.status, errorCode: problem?.errorCode,
            detail: detail ?? problem?.message, attempts: attempts)
    }
}
