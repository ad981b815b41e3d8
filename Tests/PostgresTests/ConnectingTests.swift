import Lifecycle
import Postgres
import Testing
import TestSupport

@Suite("Connecting", ScratchPostgres.requirement, .blocking)
struct ConnectingTests {
    private func failure(
        _ conninfo: String, password: String? = nil, timeout: Duration = .seconds(10)
    ) -> PostgresError? {
        postgresError {
            _ = try PostgresSession(
                PostgresConfiguration(conninfo, password: password, applicationName: "test"), timeout: timeout)
        }
    }

    @Test("A wrong password, a missing one, a user and a database that are not there")
    func refused() async throws {
        let server = try await ScratchPostgres.shared()
        let wrong = failure(server.tcpConninfo(), password: "not-the-password")
        #expect(wrong?.kind == .authentication)
        #expect(wrong?.sqlState == .invalidPassword)
        #expect(wrong?.description.contains("not-the-password") == false)
        #expect(failure(server.tcpConninfo())?.kind == .authentication)
        #expect(failure(server.tcpConninfo() + " user=nobody_here", password: "x")?.kind == .authentication)
        let database = failure(server.conninfo(database: "no_such"))
        #expect(database?.kind == .missingObject)
        #expect(database?.sqlState == .undefinedDatabase)
    }

    @Test("A password given aside works, and wins over the string's own")
    func password() async throws {
        let server = try await ScratchPostgres.shared()
        #expect(failure(server.tcpConninfo(), password: ScratchPostgres.password) == nil)
        #expect(failure(server.tcpConninfo() + " password=wrong", password: ScratchPostgres.password) == nil)
        #expect(try PostgresConfiguration("password=x", applicationName: "t").holdsPassword)
        #expect(try PostgresConfiguration("postgresql://u:p@h/db", applicationName: "t").holdsPassword)
        #expect(try !PostgresConfiguration("host=h", applicationName: "t").holdsPassword)
    }

    @Test("A string that is none is refused without being quoted")
    func nonsense() {
        for text in ["host=h passwrd=secret1", "postgresql://u:secret1@[h/db", "host='secret1", "a=b\0c"] {
            let error = postgresError { _ = try PostgresConfiguration(text, applicationName: "t") }
            #expect(error?.kind == .configuration)
            #expect(error?.description.contains("secret1") == false)
        }
    }

    @Test("Nobody listens, or somebody who never answers: unreachable, in time, and a retry may help")
    func unreachable() async throws {
        let port = try FreePort.next()
        let refused = failure("host=127.0.0.1 port=\(port)")
        #expect(refused?.kind == .unreachable)
        #expect(refused?.isRetriable == true)
        let silent = try SilentServer()
        let start = MonotonicInstant.now()
        let error = failure("host=127.0.0.1 port=\(silent.port)", timeout: .milliseconds(300))
        #expect(error?.kind == .unreachable)
        #expect(MonotonicInstant.now().seconds(since: start) < 10)
        #expect(failure("host=no-such-host.invalid")?.kind == .unreachable)
    }

    @Test("TLS that the server does not have is refused when the string demands it")
    func missingTLS() async throws {
        let server = try await ScratchPostgres.shared()
        let error = failure(server.tcpConninfo() + " sslmode=require", password: ScratchPostgres.password)
        #expect(error?.kind == .unreachable)
        #expect(error?.reason.contains("SSL") == true)
    }

    @Test("TLS with the server's certificate checked; an authority that did not sign it, and another name, are refused")
    func checkedTLS() async throws {
        let certificates = try await TestCertificates()
        let server = try await ScratchPostgres.start(tls: certificates)
        func conninfo(_ authority: String, host: String = "127.0.0.1") -> String {
            server.tcpConninfo() + " host=\(host) sslmode=verify-full sslrootcert=\(authority)"
        }
        let session = try PostgresSession(
            PostgresConfiguration(
                conninfo(certificates.caFile), password: ScratchPostgres.password, applicationName: "test"))
        let encrypted = try session.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        #expect(encrypted.boolean(0, 0) == true)
        for wrong in [conninfo(certificates.strangerFile), conninfo(certificates.caFile, host: "localhost")] {
            let error = failure(wrong, password: ScratchPostgres.password)
            #expect(error != nil && error?.description.contains("certificate") == true, "\(error.debugDescription)")
        }
    }

    @Test("A standby says so when a write is tried")
    func readOnly() async throws {
        let session = try await Database().session()
        try session.query("SET default_transaction_read_only = on")
        let error = postgresError { try session.query("CREATE TABLE t (id int)") }
        #expect(error?.kind == .readOnly)
        #expect(error?.isRetriable == false)
    }
}
