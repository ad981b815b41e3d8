import CommandLine
import EventLoop
import FoundationEssentials

/// A request as the stand-ins see it.
struct MockRequest {
    enum Method: String {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
        case other = ""
    }

    let method: Method
    /// The path's segments, percent-decoded.
    var path: [String]
    /// The query's pairs, percent-decoded; of a repeated name the last.
    let query: [String: String]
    let body: [UInt8]

    init(_ request: HTTPRequest) {
        method = request.method == "HEAD" ? .get : Method(rawValue: request.method) ?? .other
        path = request.path
        query = Dictionary(request.query.map { ($0.name, $0.value) }) { $1 }
        body = request.body
    }

    /// The body as JSON of this form; nil if it is not.
    func decoded<Value: Decodable>(_: Value.Type) -> Value? {
        try? JSONDecoder().decode(Value.self, from: Data(body))
    }
}

/// An answer, always JSON.
struct MockReply {
    var status: Int
    var body: JSONValue
    /// How late it is sent.
    var delayMilliseconds = 0

    init(_ body: JSONValue, status: Int = 200) {
        self.status = status
        self.body = body
    }

    /// Confluent's form of an error.
    static func error(_ status: Int, _ code: Int, _ message: String) -> MockReply {
        MockReply(["error_code": JSONValue(code), "message": .string(message)], status: status)
    }

    /// What Confluent's server says to a path that it does not have.
    static let notFound = error(404, 404, "HTTP 404 Not Found")
    static let badMethod = error(405, 405, "HTTP 405 Method Not Allowed")
}
