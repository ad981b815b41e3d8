import CommandLine
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

    init(method: Method, target: String, body: [UInt8]) {
        self.method = method
        self.body = body
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = parts[0].split(separator: "/").map(percentDecoded)
        var query: [String: String] = [:]
        for pair in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query[percentDecoded(sides[0])] = sides.count > 1 ? percentDecoded(sides[1]) : ""
        }
        self.query = query
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

/// Broken sequences stay as they are.
private func percentDecoded(_ text: some StringProtocol) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "%"), rest.count >= 2,
            let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
        {
            bytes.append(value)
            rest = rest.dropFirst(2)
        } else {
            bytes.append(byte)
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
