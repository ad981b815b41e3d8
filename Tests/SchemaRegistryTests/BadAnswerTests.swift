import HTTPClient
import SchemaRegistry
import TestSupport
import Testing

/// What a registry, or something in its place, should not say.
@Suite struct BadAnswerTests {
    private func failure(
        of replies: [String], attempts: Int = 3, time: ManualTime = ManualTime(),
        _ change: (inout SchemaRegistryConfiguration) -> Void = { _ in }
    ) async throws -> SchemaRegistryError {
        let server = try RawServer(replies: replies)
        let client = try registryClient(server.url + "/base", time: time.time, attempts: attempts, change)
        let error = try #require(await #expect(throws: SchemaRegistryError.self) { try await client.lookup(7) })
        #expect(error.request == "GET \(server.url)/base/schemas/ids/7")
        #expect(error.description.contains(error.request))
        #expect(client.cached(7) == nil)
        return error
    }

    @Test(arguments: [
        (#"{"error_code":404,"message":"HTTP 404 Not Found"}"#, "404 Not Found"),
        (#"{"error_code":40401,"message":"Subject not found"}"#, "404 Not Found"),
        ("<html>not here</html>", "404 Not Found"),
        ("", "404 Not Found"), (#"{"error_code":"40403"}"#, "404 Not Found"), ("", "301 Moved Permanently"),
        ("", "302 Found"),
    ])
    func otherNotFoundsAreAWrongPath(body: String, status: String) async throws {
        let error = try await failure(of: [httpReply(body, status: status)])
        #expect(error.kind == .wrongPath)
        #expect(!error.isRetriable)
    }

    @Test(arguments: [
        "", "null", "[]", "{}", "<html></html>", #"{"schema":7}"#, #"{"schema":null}"#, #"{"schema":"\"int\""#,
        #"{"schema":"\"int\"","references":{}}"#, #"{"schema":"\"int\"","references":[{"name":"a"}]}"#,
        #"{"schema":"\"int\"","references":[{"name":"a","subject":"b","version":"c"}]}"#,
        #"{"schema":"\#u{0}"}"#, "\u{FEFF}x",
        #"{"schema":"\ud800"}"#,
    ])
    func unreadableAnswersAreSaidToBe(body: String) async throws {
        let error = try await failure(of: [httpReply(body)])
        #expect(error.kind == .malformedAnswer)
        #expect(error.attempts == 1)
    }

    @Test func nestingDoesNotExhaustTheStack() async throws {
        let body = #"{"schema":"# + String(repeating: "[", count: 1_000_000)
        #expect(try await failure(of: [httpReply(body)]).kind == .malformedAnswer)
    }

    @Test(arguments: ["401 Unauthorized", "403 Forbidden"])
    func refusedCredentials(status: String) async throws {
        let error = try await failure(of: [httpReply(#"{"error_code":40101,"message":"no"}"#, status: status)]) {
            $0.http.credentials = try? .basic(user: "user", password: "hush")
        }
        #expect(error.kind == .notAuthorised)
        #expect(!error.description.contains("hush"))
    }

    @Test func passingFailuresAreRetried() async throws {
        let time = ManualTime()
        let bad = [500, 502, 503, 504, 408].map { httpReply("oops", status: "\($0) Bad") }
        let server = try RawServer(replies: bad + [httpReply(#"{"schema":"\"int\""}"#)])
        let client = try registryClient(server.url, time: time.time, attempts: 10)
        guard case .schema = try await client.lookup(1) else { throw TestSupportError("no schema") }
        #expect(time.sleeps == [100, 200, 400, 800, 1_600].map { Duration.milliseconds($0) })
    }

    @Test func retriesEnd() async throws {
        let time = ManualTime()
        let error = try await failure(of: [httpReply("", status: "503 Busy")], attempts: 4, time: time)
        #expect(error.kind == .unavailable && error.isRetriable && error.status == 503 && error.attempts == 4)
        #expect(time.sleeps.count == 3)
    }

    @Test func retriesEndWithTheDeadline() async throws {
        let time = ManualTime()
        let error = try await failure(of: [httpReply("", status: "500 Oops")], attempts: 1_000, time: time) {
            $0.retry.totalTimeout = .seconds(20)
        }
        #expect(error.kind == .unavailable)
        #expect(time.sleeps.reduce(.zero, +) <= .seconds(20))
        #expect(error.attempts == time.sleeps.count + 1)
    }

    @Test func retryAfterIsHonoured() async throws {
        let time = ManualTime()
        let busy = httpReply("", status: "429 Too Many Requests", headers: ["Retry-After: 3"])
        let server = try RawServer(replies: [busy, busy, httpReply(#"{"schema":"\"int\""}"#)])
        guard case .schema = try await registryClient(server.url, time: time.time).lookup(1) else {
            throw TestSupportError("no schema")
        }
        #expect(time.sleeps == [.seconds(3), .seconds(3)])
    }

    @Test(arguments: ["3600", "4294967295"])
    func anEndlessRetryAfterFailsAtOnce(value: String) async throws {
        let time = ManualTime()
        let busy = httpReply("", status: "503 Busy", headers: ["Retry-After: \(value)"])
        #expect(try await failure(of: [busy], time: time).kind == .unavailable)
        #expect(time.sleeps.isEmpty)
    }

    @Test(arguments: ["-1", "soon", "Wed, 21 Oct 2015 07:28:00 GMT", "99999999999999999999"])
    func anUnreadableRetryAfterIsIgnored(value: String) async throws {
        let time = ManualTime()
        let busy = httpReply("", status: "503 Busy", headers: ["Retry-After: \(value)"])
        #expect(try await failure(of: [busy], attempts: 2, time: time).attempts == 2)
        #expect(time.sleeps == [.milliseconds(100)])
    }

    @Test func nobodyThere() async throws {
        let time = ManualTime()
        let client = try registryClient("http://127.0.0.1:\(try FreePort.next())", time: time.time, attempts: 5)
        let error = await #expect(throws: SchemaRegistryError.self) { try await client.lookup(1) }
        #expect(error?.kind == .unreachable && error?.attempts == 5 && error?.isRetriable == true)
    }

    @Test func closedInTheMiddleAndSlow() async throws {
        let closing = try RawServer { _, connection in
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"schema\":")
            return false
        }
        let client = try registryClient(closing.url, time: ManualTime().time)
        let error = await #expect(throws: SchemaRegistryError.self) { try await client.lookup(1) }
        #expect(error?.kind == .unreachable && error?.attempts == 3)
        #expect(closing.requests.count == 3)

        let dripping = try RawServer { _, connection in
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            repeat { connection.write(" ") } while !connection.waitForClose(milliseconds: 10)
            return false
        }
        let impatient = try registryClient(dripping.url, time: ManualTime().time, attempts: 2) {
            $0.retry.attemptTimeout = .milliseconds(150)
        }
        let late = await #expect(throws: SchemaRegistryError.self) { try await impatient.lookup(1) }
        #expect(late?.kind == .unreachable && late?.attempts == 2)
    }

    @Test func aHugeAnswerIsCutOff() async throws {
        let body = #"{"schema":""# + String(repeating: "x", count: 20_000) + #""}"#
        let error = try await failure(of: [httpReply(body)]) { $0.http.responseLimit = 10_000 }
        #expect(error.kind == .tooLarge && error.attempts == 1)
    }

    @Test func messagesAreMadeHarmless() async throws {
        let message = String(repeating: "x\\u001b[2J\\n", count: 500)
        let body = #"{"error_code":50001,"message":"\#(message)"}"#
        let error = try await failure(of: [httpReply(body, status: "400 Bad")])
        #expect(error.kind == .refused && error.errorCode == 50001)
        #expect(error.description.utf8.count < 1_200)
        #expect(error.description.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
    }

    @Test(arguments: [
        (#"{"schema":"syntax = 3;","schemaType":"PROTOBUF"}"#, SchemaRegistryError.Kind.notAvro),
        (#"{"schema":"{}","schemaType":"JSON"}"#, .notAvro), (#"{"schema":"{}","schemaType":""}"#, .notAvro),
    ])
    func whatIsNoAvroIsUnusableNotAnError(body: String, kind: SchemaRegistryError.Kind) async throws {
        let server = try RawServer(replies: [httpReply(body)])
        let client = try registryClient(server.url)
        for _ in 0..<2 {
            guard case .unusable(let error) = try await client.lookup(5) else { throw TestSupportError("usable") }
            #expect(error.kind == kind && !error.isRetriable)
        }
        #expect(server.requests.count == 1)
    }
}
