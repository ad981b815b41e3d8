import Testing

@testable import EventLoop

@Suite struct HTTPParserTests {
    private func parse(_ text: String) throws(HTTPRequestParser.Fault) -> HTTPRequest {
        try HTTPRequestParser.parse(Array(text.utf8)[...])
    }

    @Test func readsARequest() throws {
        let request = try parse(
            "GET /v1/merchants/a%2Fb/leaderboard?page=2&q=a+b%26&flag HTTP/1.1\r\nHost: x\r\nX-Y:\t v w \r\n\r\n")
        #expect(request.method == "GET")
        #expect(request.path == ["v1", "merchants", "a/b", "leaderboard"])
        #expect(request.query.map(\.name) == ["page", "q", "flag"])
        #expect(request.query.map(\.value) == ["2", "a b&", ""])
        #expect(request.field("x-y") == "v w")
        #expect(request.keepsAlive)
        #expect(try parse("GET / HTTP/1.0\r\n\r\n").path == [])
        #expect(try !parse("GET / HTTP/1.0\r\n\r\n").keepsAlive)
        #expect(try parse("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keepsAlive)
        #expect(try !parse("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").keepsAlive)
        #expect(try parse("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n").contentLength == 12)
    }

    @Test(arguments: [
        ("", 400), ("GET / HTTP/1.1\r\n\r\n", 400), ("GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("GET x HTTP/1.1\r\nHost: x\r\n\r\n", 400), ("GET / HTTP/1.1\nHost: x\n\n", 400),
        ("GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505), ("GET / FTP/1\r\nHost: x\r\n\r\n", 400),
        ("G(T / HTTP/1.1\r\nHost: x\r\n\r\n", 400), ("GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400), ("GET /%ff HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", 501),
    ]) func refuses(text: String, status: Int) {
        #expect(throws: HTTPRequestParser.Fault(status: status)) { try parse(text) }
    }

    @Test func tooManyFields() {
        let fields = String(repeating: "X: y\r\n", count: 101)
        #expect(throws: HTTPRequestParser.Fault(status: 431)) { try parse("GET / HTTP/1.0\r\n\(fields)\r\n") }
    }
}
