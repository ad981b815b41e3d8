import Configuration
import Redis
import TestSupport
import Testing

@Suite(ScratchRedis.requirement, .blocking) struct AuthenticationTests {
    private static func server() async throws -> ScratchRedis {
        try await ScratchRedis.start([
            "--user", "default", "off", "--user", "app", "on", ">app-password", "~app:*", "+@all", "-flushall",
        ])
    }

    private func configuration(_ server: ScratchRedis, _ user: String?, _ password: String?) -> RedisConfiguration {
        .local(server.port).with {
            $0.user = user
            $0.password = password.map { Secret($0) }
        }
    }

    @Test("ACL users, their rights, and what they may not do")
    func user() async throws {
        let server = try await Self.server()
        let session = try RedisSession(configuration(server, "app", "app-password"))
        defer { session.close() }
        #expect(try session.run(RedisCommand("SET", key: "app:a", "1")) == .ok)
        let key = redisError { try session.run(RedisCommand("SET", key: "other", "1")) }
        #expect(key?.kind == .authorization && key?.code == "NOPERM" && key?.isRetriable == false)
        #expect(redisError { try session.run(RedisCommand("FLUSHALL")) }?.kind == .authorization)
    }

    @Test(
        "a wrong password, a wrong user and none at all are refused at once, and not shown",
        arguments: [("app", "wrong-secret"), ("nobody", "wrong-secret"), (nil, "wrong-secret"), (nil, nil)])
    func refused(user: String?, password: String?) async throws {
        let server = try await Self.server()
        let error = redisError { _ = try RedisSession(configuration(server, user, password), timeout: .seconds(60)) }
        #expect(error?.kind == .authentication)
        #expect(error?.isRetriable == false)
        #expect("\(error.map { "\($0)" } ?? "")".contains("wrong-secret") == false)
    }

    @Test("a password alone is the default user's")
    func passwordOnly() async throws {
        let server = try await ScratchRedis.start(["--requirepass", "old-style"])
        let session = try RedisSession(configuration(server, nil, "old-style"))
        defer { session.close() }
        #expect(try session.run(RedisCommand("PING")) == .status("PONG"))
    }

    @Test("a configuration shows no password, whatever prints it")
    func printing() {
        let configuration = RedisConfiguration.local(1).with { $0.password = Secret("hidden-secret") }
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!"\(configuration)\(String(reflecting: configuration))\(dumped)".contains("hidden-secret"))
    }
}
