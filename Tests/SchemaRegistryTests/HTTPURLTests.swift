import HTTPClient
import Testing

@Suite struct HTTPURLTests {
    @Test(arguments: [
        ("http://host", "http://host/", 80), ("HTTP://Host:8081", "http://host:8081/", 8081),
        ("https://h/apis/ccompat/v7", "https://h/apis/ccompat/v7", 443), ("http://h:80/a?b=c", "http://h/a", 80),
        ("http://[::1]:9/x", "http://[::1]:9/x", 9), ("https://10.0.0.1:443", "https://10.0.0.1/", 443),
        ("http://h?x", "http://h/", 80),
    ])
    func readsURLs(text: String, description: String, port: Int) throws {
        let url = try HTTPURL(text)
        #expect(url.description == description)
        #expect(Int(url.port) == port)
    }

    @Test(arguments: [
        "", "host:8081", "ftp://h/", "file:///etc/passwd", "http://", "http:///path", "http://h:0/", "http://h:65536/",
        "http://h:8o/", "http://h:/", "http://h /", "http://h/\r\nX: y", "http://h/é", "http://hé/", "http://h/#part",
        "http://[::1/", "http://[]/", "http://[::1]x/", "http://[host]/", "http://a,b/", "http://user:secret@h/",
        "http://secret@h/",
    ])
    func refusesWhatIsNoURL(text: String) {
        let error = #expect(throws: HTTPError.self) { try HTTPURL(text) }
        #expect(error?.kind == .badRequest)
        #expect(error?.isRetriable == false)
        #expect(error?.description.contains("secret") == false)
    }

    @Test func boundsTheLength() throws {
        let longest = "http://h/" + String(repeating: "a", count: HTTPURL.lengthLimit - 9)
        #expect(try HTTPURL(longest).path.utf8.count == HTTPURL.lengthLimit - 8)
        #expect(throws: HTTPError.self) { try HTTPURL(longest + "a") }
    }

    @Test func separatesCredentials() throws {
        let (url, credentials) = try HTTPURL.separatingCredentials("https://me:p%40ss%3A%25@host:1/base")
        #expect(url.description == "https://host:1/base")
        #expect(credentials != nil)
        #expect(try HTTPURL.separatingCredentials("http://host").1 == nil)
        for broken in ["http://u:%zz@h/", "http://u:%4@h/", "http://u:%ff@h/", "http://u:%0a@h/", "http://a%3Ab:c@h/"] {
            #expect(throws: HTTPError.self) { try HTTPURL.separatingCredentials(broken) }
        }
    }

    @Test func appendsEncodedSegments() throws {
        let base = try HTTPURL("http://h/apis/v7/")
        #expect(
            base.appending(["subjects", "a/b c?é", "versions"]).path == "/apis/v7/subjects/a%2Fb%20c%3F%C3%A9/versions")
        let asked = base.appending(["x"], query: [("a b", "1&2")])
        #expect(asked.query == "a%20b=1%262")
        #expect(asked.description == "http://h/apis/v7/x")
        #expect(try HTTPURL("http://h").appending([]).path == "/")
    }

    @Test func knowsLoopback() throws {
        for text in ["http://localhost/", "http://127.0.0.1:1/", "http://127.9.9.9/", "http://[::1]/"] {
            #expect(try HTTPURL(text).isLoopback)
        }
        #expect(try HTTPURL("http://localhost.example/").isLoopback == false)
        // A name may begin like the address.
        #expect(try HTTPURL("http://127.example.com/").isLoopback == false)
    }

    @Test func credentialsShowNothing() throws {
        for credentials in [
            try HTTPCredentials.basic(user: "me", password: "hush"), try HTTPCredentials.bearer("hush"),
        ] {
            var text = "\(credentials)" + String(reflecting: credentials)
            dump(credentials, to: &text)
            #expect(!text.contains("hush") && !text.contains("me:"))
        }
        #expect(throws: HTTPError.self) { try HTTPCredentials.basic(user: "a:b", password: "") }
        #expect(throws: HTTPError.self) { try HTTPCredentials.basic(user: "a", password: "b\r\nX: y") }
        #expect(throws: HTTPError.self) { try HTTPCredentials.bearer("") }
        #expect(throws: HTTPError.self) { try HTTPCredentials.bearer("a b") }
        #expect(throws: HTTPError.self) { try HTTPCredentials.bearer("a\nb") }
    }
}
