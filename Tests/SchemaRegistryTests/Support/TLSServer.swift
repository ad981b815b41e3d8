import TestSupport

/// An HTTPS server in Python with a certificate for 127.0.0.1. It answers 401 without `user:pa ss`, and the client's name
/// otherwise.
final class TLSServer: Sendable {
    let url: String
    /// The same port under a name that the certificate does not hold.
    let wrongNameURL: String
    let certificates: TestCertificates
    private let process: ChildProcess

    init(requiresClientCertificate: Bool = false) async throws {
        certificates = try await TestCertificates()
        let directory = certificates.directory
        let script = try directory.write("server.py", Self.script)
        process = try ChildProcess(["python3", script, directory.path, requiresClientCertificate ? "mtls" : "tls"])
        let port = try await process.waitForOutput { $0.hasSuffix("\n") }.dropLast()
        url = "https://127.0.0.1:\(port)/"
        wrongNameURL = "https://localhost:\(port)/"
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
