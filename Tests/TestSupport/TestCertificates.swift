/// A certificate authority of the test's own, made by openssl, with a server certificate for 127.0.0.1 and a client
/// certificate; and another authority that has signed none of them. All are valid for two days.
package struct TestCertificates: Sendable {
    /// Where the files lie; they go with it.
    package let directory: ScratchDirectory

    /// The authority's certificate.
    package var caFile: String { directory.file("ca.pem") }
    /// The certificate of an authority that nobody here has to do with.
    package var strangerFile: String { directory.file("stranger.pem") }
    /// The client's certificate; its subject is `CN=test-client`.
    package var clientCertificate: String { directory.file("client.pem") }
    /// The client's key (PKCS #8), without a password.
    package var clientKey: String { directory.file("client.key") }
    /// The server's key and certificate in one file, as Java reads them.
    package var serverStore: String { directory.file("server-store.pem") }

    /// Makes all of them.
    package init() async throws {
        directory = try ScratchDirectory("certificates")
        // Clients that compare names and those that compare addresses are both content.
        try directory.write("server.ext", "subjectAltName=IP:127.0.0.1,DNS:127.0.0.1\n")
        try directory.write("client.ext", "extendedKeyUsage=clientAuth\n")
        for (name, subject) in [("ca", "/CN=test authority"), ("stranger", "/CN=another authority")] {
            try await openssl(
                ["req", "-x509", "-days", "2", "-subj", subject, "-keyout", "\(name).key", "-out", "\(name).pem"]
                    + Self.newKey)
        }
        for (number, name) in ["server", "client"].enumerated() {
            try await openssl(
                ["req", "-subj", "/CN=test-\(name)", "-keyout", "\(name).key", "-out", "\(name).csr"] + Self.newKey)
            try await openssl([
                "x509", "-req", "-in", "\(name).csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "2",
                "-set_serial", "\(number + 2)", "-extfile", "\(name).ext", "-out", "\(name).pem",
            ])
        }
        try directory.write(
            "server-store.pem", try readText(directory.file("server.key")) + readText(directory.file("server.pem")))
    }

    private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    private func openssl(_ arguments: [String]) async throws {
        let result = try await ProcessRunner.run(["openssl"] + arguments, directory: directory.path)
        guard result.exitCode == 0 else { throw TestSupportError("openssl \(arguments): \(result.errors)") }
    }
}
