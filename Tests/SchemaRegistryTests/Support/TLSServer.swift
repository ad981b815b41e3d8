import TestSupport

/// An HTTPS server in Python, with certificates of its own made by openssl: an authority, a server certificate for
/// 127.0.0.1, and a client certificate. It answers 401 without `user:pa ss`, and the client's name otherwise.
final class TLSServer: Sendable {
    let url: String
    /// The same port under a name that the certificate does not hold.
    let wrongNameURL: String
    let caFile: String
    let clientCertificate: String
    let clientKey: String
    let directory: ScratchDirectory
    private let process: ChildProcess

    init(requiresClientCertificate: Bool = false) async throws {
        directory = try ScratchDirectory("tls")
        try await Self.makeCertificates(directory)
        let script = try directory.write("server.py", Self.script)
        process = try ChildProcess(["python3", script, directory.path, requiresClientCertificate ? "mtls" : "tls"])
        let port = try await process.waitForOutput { $0.hasSuffix("\n") }.dropLast()
        url = "https://127.0.0.1:\(port)/"
        wrongNameURL = "https://localhost:\(port)/"
        caFile = directory.file("ca.pem")
        clientCertificate = directory.file("client.pem")
        clientKey = directory.file("client.key")
    }

    private static func makeCertificates(_ directory: ScratchDirectory) async throws {
        try directory.write("server.ext", "subjectAltName=IP:127.0.0.1\n")
        try directory.write("client.ext", "extendedKeyUsage=clientAuth\n")
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        try await openssl(
            directory,
            ["req", "-x509", "-days", "2", "-subj", "/CN=test authority", "-keyout", "ca.key", "-out", "ca.pem"] + key)
        for name in ["server", "client"] {
            try await openssl(
                directory, ["req", "-subj", "/CN=test-\(name)", "-keyout", "\(name).key", "-out", "\(name).csr"] + key)
            try await openssl(
                directory,
                [
                    "x509", "-req", "-in", "\(name).csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "2",
                    "-set_serial", name == "server" ? "2" : "3", "-extfile", "\(name).ext", "-out", "\(name).pem",
                ])
        }
    }

    private static func openssl(_ directory: ScratchDirectory, _ arguments: [String]) async throws {
        let result = try await ProcessRunner.run(["openssl"] + arguments, directory: directory.path)
        guard result.exitCode == 0 else { throw TestSupportError("openssl \(arguments): \(result.errors)") }
    }

    private static let script = """
        import base64, http.server, ssl, sys
        directory, mode = sys.argv[1], sys.argv[2]
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def do_GET(self):
                expected = "Basic " + base64.b64encode(b"user:pa ss").decode()
                known = self.headers.get("Authorization") == expected
                names = dict(x[0] for x in (self.connection.getpeercert() or {}).get("subject", ()))
                body = ("hello " + names.get("commonName", "nobody")).encode() if known else b"who?"
                self.send_response(200 if known else 401)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *arguments): pass
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(directory + "/server.pem", directory + "/server.key")
        if mode == "mtls":
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(directory + "/ca.pem")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """
}
