import TestSupport

/// An authority, and certificates that it signed, in files that openssl(1) made.
package struct Certificates: Sendable {
    private let directory: ScratchDirectory
    private let name: String

    /// PEM of the authority.
    package var authority: String { directory.path + "/ca.pem" }
    /// Certificate of 127.0.0.1 and localhost, and its key.
    package var server: String { directory.path + "/server.pem" }
    package var serverKey: String { directory.path + "/server.key" }
    /// Certificate of a client named `points-service`, with an URI name, and its key.
    package var client: String { directory.path + "/client.pem" }
    package var clientKey: String { directory.path + "/client.key" }

    /// Makes them all.
    package init(authority name: String = "test authority") async throws {
        directory = try ScratchDirectory()
        self.name = name
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        try await ProcessRunner.output(
            of: ["openssl", "req", "-x509"] + key + [
                "-days", "2", "-subj", "/CN=\(name)", "-keyout", directory.path + "/ca.key", "-out", authority,
            ])
        try await makeServer()
        try await sign(
            name: "points-service", alternative: "URI:spiffe://shop/points-service", certificate: client, key: clientKey
        )
    }

    /// Makes another certificate and key of the server, in the place of those that are there.
    package func makeServer(commonName: String = "server") async throws {
        try await sign(
            name: commonName, alternative: "IP:127.0.0.1,DNS:localhost", certificate: server, key: serverKey)
    }

    private func sign(name: String, alternative: String, certificate: String, key: String) async throws {
        try await ProcessRunner.output(of: [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-days", "2", "-subj", "/CN=\(name)", "-addext", "subjectAltName=\(alternative)",
            "-CA", authority, "-CAkey", directory.path + "/ca.key", "-keyout", key + ".new", "-out",
            certificate + ".new",
        ])
        try await ProcessRunner.output(of: ["mv", key + ".new", key])
        try await ProcessRunner.output(of: ["mv", certificate + ".new", certificate])
    }
}
