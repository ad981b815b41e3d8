import HTTPClient
import TestSupport
import Testing

@Suite(.enabled(if: ProcessRunner.isInstalled("python3") && ProcessRunner.isInstalled("openssl")))
struct HTTPTLSTests {
    private func send(
        _ url: String, _ tls: HTTPClientConfiguration.TLS, password: String? = "pa ss"
    ) async throws -> HTTPResponse {
        let credentials = try password.map { try HTTPCredentials.basic(user: "user", password: $0) }
        let configuration = HTTPClientConfiguration(tls: tls, credentials: credentials)
        return try await HTTPClient(configuration).send(HTTPRequest(.get, try HTTPURL(url)))
    }

    private func kind(_ url: String, _ tls: HTTPClientConfiguration.TLS) async -> HTTPError.Kind? {
        let error = await #expect(throws: HTTPError.self) { try await send(url, tls) }
        #expect(error?.isRetriable == false)
        #expect(error?.description.contains("pa ss") == false)
        return error?.kind
    }

    @Test func trustsTheGivenAuthorityAndChecksTheName() async throws {
        let server = try await TLSServer()
        let tls = HTTPClientConfiguration.TLS(caFile: server.certificates.caFile)
        #expect(String(decoding: try await send(server.url, tls).body, as: UTF8.self) == "hello nobody")
        #expect(try await send(server.url, tls, password: "wrong").status == 401)
        #expect(try await send(server.url, tls, password: nil).status == 401)
        #expect(await kind(server.url, .init()) == .tls)
        #expect(await kind(server.wrongNameURL, tls) == .tls)
    }

    @Test func saysWhichFileIsBad() async throws {
        let server = try await TLSServer()
        let text = try server.certificates.directory.write("text", "no certificate")
        for file in [server.certificates.directory.file("absent"), text] {
            #expect(await kind(server.url, .init(caFile: file)) == .badCertificateFile)
            let client = HTTPClientConfiguration.TLS(
                caFile: server.certificates.caFile, certificateFile: file, keyFile: file)
            #expect(await kind(server.url, client) == .badCertificateFile)
        }
    }

    @Test func presentsTheClientCertificate() async throws {
        let server = try await TLSServer(requiresClientCertificate: true)
        var tls = HTTPClientConfiguration.TLS(caFile: server.certificates.caFile)
        await #expect(throws: HTTPError.self) { try await send(server.url, tls) }
        tls.certificateFile = server.certificates.clientCertificate
        tls.keyFile = server.certificates.clientKey
        #expect(String(decoding: try await send(server.url, tls).body, as: UTF8.self) == "hello test-client")
    }

    @Test func plainHTTPOnATLSPortIsClear() async throws {
        let server = try await TLSServer()
        let plain = server.url.replacing("https:", with: "http:")
        await #expect(throws: HTTPError.self) { try await send(plain, .init()) }
        let services = try await StandIns()
        #expect(await kind(services.registryURL.replacing("http:", with: "https:"), .init()) == .tls)
    }
}
