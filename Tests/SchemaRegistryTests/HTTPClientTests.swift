import HTTPClient
import TestSupport
import Testing

@Suite struct HTTPClientTests {
    private func send(
        _ url: String, _ change: (inout HTTPClientConfiguration) -> Void = { _ in }
    ) async throws -> HTTPResponse {
        var configuration = HTTPClientConfiguration()
        change(&configuration)
        return try await HTTPClient(configuration).send(HTTPRequest(.get, try HTTPURL(url)))
    }

    private func failure(
        of server: RawServer, path: String = "/", _ change: (inout HTTPClientConfiguration) -> Void = { _ in }
    ) async throws -> HTTPError {
        let error = await #expect(throws: HTTPError.self) { try await send(server.url + path, change) }
        return try #require(error)
    }

    @Test func readsAnAnswerAndKeepsTheConnection() async throws {
        let server = try RawServer(replies: [
            httpReply("hello", status: "418 Teapot", headers: ["X-A:  b c \t", "x-a: d"])
        ])
        let client = HTTPClient()
        for _ in 0..<3 {
            let response = try await client.send(HTTPRequest(.get, try HTTPURL(server.url + "/p?q=1")))
            #expect(response.status == 418)
            #expect(String(decoding: response.body, as: UTF8.self) == "hello")
            #expect(response.header("x-a") == "b c")
            #expect(response.headers.count { $0.name == "x-a" } == 2)
        }
        #expect(server.connections == 1)
        #expect(server.requests.allSatisfy { $0.hasPrefix("GET /p?q=1 HTTP/1.1\r\n") })
    }

    @Test(arguments: [HTTPRequest.Method.post, .put, .delete])
    func sendsMethodHeadersAndBody(method: HTTPRequest.Method) async throws {
        let server = try RawServer { request, connection in
            connection.write(httpReply(request.body + "|" + request.head))
            return true
        }
        let body = "{\"a\":\"\u{0}é\"}" + String(repeating: "x", count: 2_000_000)
        let request = HTTPRequest(
            method, try HTTPURL(server.url), headers: [("Accept", "a/b"), ("X-Empty", "")], body: Array(body.utf8))
        let text = String(decoding: try await HTTPClient().send(request).body, as: UTF8.self)
        #expect(text.hasPrefix(body + "|\(method.rawValue) / HTTP/1.1\r\n"))
        #expect(text.contains("\r\nAccept: a/b\r\n"))
        #expect(text.contains("\r\nX-Empty:\r\n"))
        #expect(!text.contains("Expect:"))
    }

    @Test func sendsCredentialsInTheHeaderAlone() async throws {
        let server = try RawServer(replies: [httpReply("ok")])
        _ = try await send(server.url) { $0.credentials = try? .basic(user: "Aladdin", password: "open sesame") }
        #expect(server.requests[0].contains("\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"))
        _ = try await send(server.url) { $0.credentials = try? .bearer("tok.en") }
        #expect(server.requests[1].contains("\r\nAuthorization: Bearer tok.en\r\n"))
        _ = try await send(server.url)
        #expect(!server.requests[2].contains("Authorization"))
    }

    @Test(arguments: [
        ("X-A", "b\r\nX-C: d"), ("X-A", "b\nc"), ("X-A", "\u{0}"), ("X A", "b"), ("X-A\r\n", "b"), ("", "b"),
        ("X:", "b"),
    ])
    func refusesHeaderInjection(name: String, value: String) async throws {
        let server = try RawServer(replies: [httpReply("ok")])
        let request = HTTPRequest(.get, try HTTPURL(server.url), headers: [(name, value)])
        let error = await #expect(throws: HTTPError.self) { try await HTTPClient().send(request) }
        #expect(error?.kind == .badRequest)
        #expect(server.connections == 0)
    }

    /// An answer that goes beyond the limit of 1,000 bytes, or that of all headers.
    enum Oversized: String, CaseIterable {
        case announced, chunked, untilClosed, headers

        var reply: String {
            switch self {
            case .announced: "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n"
            case .chunked:
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + String(repeating: "x", count: 1_001)
            case .untilClosed: "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + String(repeating: "x", count: 100_000)
            case .headers: "HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 70_000) + "\r\n\r\n"
            }
        }
    }

    @Test(arguments: Oversized.allCases)
    func boundsWhatItReads(answer: Oversized) async throws {
        let server = try RawServer { _, connection in
            connection.write(answer.reply)
            connection.waitForClose()
            return false
        }
        #expect(try await failure(of: server) { $0.responseLimit = 1_000 }.kind == .tooLarge)
    }

    @Test func takesAnAnswerOfExactlyTheLimit() async throws {
        let server = try RawServer(replies: [httpReply(String(repeating: "x", count: 1_000))])
        #expect(try await send(server.url) { $0.responseLimit = 1_000 }.body.count == 1_000)
    }

    @Test(arguments: [
        ("", HTTPError.Kind.interrupted), ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", .interrupted),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc", .interrupted),
        ("SSH-2.0-OpenSSH_9.2\r\n", .malformed), ("\u{0}\u{1}\u{2}\u{3}", .malformed),
        ("HTTP/9.9 abc\r\n\r\n", .malformed),
    ])
    func saysHowAnAnswerIsBroken(reply: String, kind: HTTPError.Kind) async throws {
        let server = try RawServer { _, connection in
            connection.write(reply)
            return false
        }
        let error = try await failure(of: server)
        #expect(error.kind == kind)
        #expect(error.isRetriable)
    }

    @Test func timesOutOnSilenceAndOnASlowDrip() async throws {
        let silent = try RawServer { _, connection in
            connection.waitForClose()
            return false
        }
        #expect(try await failure(of: silent) { $0.totalTimeout = .milliseconds(150) }.kind == .timedOut)
        let dripping = try RawServer { _, connection in
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            repeat { connection.write("x") } while !connection.waitForClose(milliseconds: 10)
            return false
        }
        let error = try await failure(of: dripping) { $0.totalTimeout = .milliseconds(150) }
        #expect(error.kind == .timedOut)
        #expect(error.isRetriable)
    }

    @Test func theWaitForTheThreadCounts() async throws {
        let silent = try RawServer { _, connection in
            connection.waitForClose()
            return false
        }
        var configuration = HTTPClientConfiguration()
        configuration.totalTimeout = .milliseconds(150)
        let client = HTTPClient(configuration)
        let request = HTTPRequest(.get, try HTTPURL(silent.url))
        let kinds = await withTaskGroup(of: HTTPError.Kind?.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    do throws(HTTPError) {
                        _ = try await client.send(request)
                        return nil
                    } catch { return error.kind }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(kinds == Array(repeating: .timedOut, count: 8))
        #expect(silent.requests.count < 8)
    }

    @Test func cancellationEndsTheExchange() async throws {
        let silent = try RawServer { _, connection in
            connection.waitForClose()
            return false
        }
        var configuration = HTTPClientConfiguration()
        configuration.totalTimeout = .seconds(600)
        let client = HTTPClient(configuration)
        let request = HTTPRequest(.get, try HTTPURL(silent.url))
        let task = Task { try await client.send(request) }
        #expect(await eventually { silent.requests.count == 1 })
        task.cancel()
        let error = await #expect(throws: HTTPError.self) { try await task.value }
        #expect(error?.kind == .cancelled)
    }

    @Test func saysThatNobodyListens() async throws {
        let port = try FreePort.next()
        let error = await #expect(throws: HTTPError.self) { try await send("http://127.0.0.1:\(port)/a?token=hush") }
        #expect(error?.kind == .unreachable)
        #expect(error?.isRetriable == true)
        #expect(error?.url == "http://127.0.0.1:\(port)/a")
        #expect(error?.description.contains("hush") == false)
    }

    @Test func followsRedirectsOnlyWhenAskedTo() async throws {
        let goal = try RawServer(replies: [httpReply("there")])
        let server = try RawServer(replies: [
            httpReply("moved", status: "302 Found", headers: ["Location: \(goal.url)/x"])
        ])
        let plain = try await send(server.url)
        #expect(plain.status == 302)
        #expect(goal.connections == 0)
        let followed = try await send(server.url) {
            $0.redirectLimit = 1
            $0.credentials = try? .bearer("hush")
        }
        #expect(String(decoding: followed.body, as: UTF8.self) == "there")
        // Credentials are for the host that was named, not for where it points.
        #expect(server.requests[1].contains("hush"))
        #expect(goal.requests.allSatisfy { !$0.contains("hush") })
    }

    @Test func followsNoRedirectToAnotherScheme() async throws {
        let server = try RawServer(replies: [
            httpReply("", status: "302 Found", headers: ["Location: file:///etc/passwd"])
        ])
        await #expect(throws: HTTPError.self) { try await send(server.url) { $0.redirectLimit = 5 } }
    }
}
