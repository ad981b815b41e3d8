import TestSupport
import Testing

@testable import Redis

@Suite struct ReplyReaderTests {
    /// All replies in `text`, fed in pieces of `size` bytes.
    private func replies(
        _ text: String, pieces size: Int = .max, limits: ReplyBuilder.Limits = .init()
    ) throws -> [RedisReply] {
        let reader = try ReplyReader(limits: limits)
        var found: [RedisReply] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            try Array(rest.prefix(size)).withUnsafeBytes { bytes in try reader.read(bytes) { found.append($0) } }
            rest = rest.dropFirst(size)
        }
        return found
    }

    private static let stream =
        "+OK\r\n+PONG\r\n:-42\r\n$5\r\nhe\r\no\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n-WRONGTYPE no\r\n"
        + "*3\r\n:1\r\n*2\r\n$1\r\na\r\n$-1\r\n+x\r\n:9223372036854775807\r\n"
    private static let parsed: [RedisReply] = [
        .ok, .status("PONG"), .integer(-42), .text("he\r\no"), .text(""), .null, .null, .array([]),
        .error(serverError("WRONGTYPE no")), .array([.integer(1), .array([.text("a"), .null]), .status("x")]),
        .integer(.max),
    ]

    private static func serverError(_ line: String) -> RedisServerError {
        Array(line.utf8).withUnsafeBytes { RedisServerError($0) }
    }

    @Test("RESP2, whole and in pieces", arguments: [1, 2, 3, 7, 16, 1_000])
    func kinds(size: Int) throws { #expect(try replies(Self.stream, pieces: size) == Self.parsed) }

    @Test("what is cut off gives nothing, and no error")
    func truncated() throws {
        let bytes = Array(Self.stream.utf8)
        for end in bytes.indices {
            let reader = try ReplyReader()
            var found: [RedisReply] = []
            try bytes[..<end].withUnsafeBytes { bytes in try reader.read(bytes) { found.append($0) } }
            #expect(found == Array(Self.parsed.prefix(found.count)))
        }
    }

    @Test(
        "garbage is refused",
        arguments: [
            "HTTP/1.1 400 Bad Request\r\n", "\u{0}\u{1}\u{2}\r\n", "SSH-2.0-x\r\n", "$abc\r\n", "$-2\r\n", "*-2\r\n",
            "*99999999999999999999\r\n", ":12x\r\n", "$99999999999999999999\r\n", "*2147483648000\r\n", "\r\n",
        ])
    func garbage(text: String) {
        #expect(redisError { _ = try replies(text) }?.kind == .protocolViolation)
    }

    @Test("counts beyond every bound are refused before memory is taken")
    func counts() {
        #expect(redisError { _ = try replies("*1048577\r\n") }?.kind == .protocolViolation)
        // Many aggregates that are small each.
        let nested = "*1000\r\n" + String(repeating: "*1000\r\n", count: 1)
        #expect(redisError { _ = try replies(nested, limits: .init(values: 1_500)) }?.kind == .protocolViolation)
        #expect(throws: Never.self) { try replies("*1000000\r\n") }
    }

    @Test("a nesting that is too deep is refused")
    func depth() throws {
        let deep = String(repeating: "*1\r\n", count: 100_000)
        #expect(redisError { _ = try replies(deep) }?.kind == .protocolViolation)
        // A slot map is four deep.
        #expect(try replies(String(repeating: "*1\r\n", count: 6) + ":1\r\n").count == 1)
    }

    @Test("a reply that is too long is refused, as one string, as many, and as a line without an end")
    func sizes() throws {
        let limits = ReplyBuilder.Limits(bytes: 10_000)
        let long = "$20000\r\n" + String(repeating: "x", count: 20_000) + "\r\n"
        #expect(redisError { _ = try replies(long, limits: limits) }?.kind == .protocolViolation)
        let promised = "$2000000000\r\n" + String(repeating: "x", count: 60_000)
        #expect(redisError { _ = try replies(promised, limits: limits) }?.kind == .protocolViolation)
        let many = "*20\r\n" + String(repeating: "$1000\r\n" + String(repeating: "x", count: 1_000) + "\r\n", count: 20)
        #expect(redisError { _ = try replies(many, limits: limits) }?.kind == .protocolViolation)
        let endless = "+" + String(repeating: "x", count: 60_000)
        #expect(redisError { _ = try replies(endless, limits: limits) }?.kind == .protocolViolation)
        // The bound is one reply's, not all replies' together.
        let allowed = "$9000\r\n" + String(repeating: "x", count: 9_000) + "\r\n"
        #expect(try replies(allowed + allowed + allowed, limits: limits).count == 3)
    }

    @Test("random bytes never crash, and end in an error or in nothing")
    func random() throws {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("+-:$*%~,#_(=>|0123456789\r\n\r\n\r\nxtf".utf8)
        for _ in 0..<2_000 {
            let count = Int.random(in: 1...200, using: &generator)
            let bytes = (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
            let reader = try ReplyReader()
            let error = redisError { try bytes.withUnsafeBytes { bytes in try reader.read(bytes) { _ in } } }
            #expect(error == nil || error?.kind == .protocolViolation)
        }
    }

    @Test("RESP3 where hiredis parses it; elsewhere it is refused")
    func resp3() throws {
        let text = "%1\r\n+a\r\n:1\r\n~1\r\n:2\r\n,1.5\r\n#t\r\n_\r\n(123\r\n=5\r\ntxt:x\r\n>1\r\n+p\r\n"
        guard HiredisLibrary.hasRESP3 else {
            #expect(redisError { _ = try replies(text) }?.kind == .protocolViolation)
            return
        }
        #expect(
            try replies(text) == [
                .map([.init(key: .status("a"), value: .integer(1))]), .set([.integer(2)]), .double(1.5), .boolean(true),
                .null, .bigNumber("123"), .text("x"), .push([.status("p")]),
            ])
    }
}
