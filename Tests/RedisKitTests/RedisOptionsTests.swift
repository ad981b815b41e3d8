import CommandLine
import Configuration
import Redis
import TestSupport
import Testing
import ToolKit

@testable import RedisKit

@Suite struct RedisOptionsTests {
    private static let table = FlagTable(
        program: "cleanup-translations", version: "1", summary: "test",
        subcommands: [Subcommand("run", summary: "run", flags: Flag.redisBoth)], commonFlags: [.config])

    private func read(
        _ arguments: [String], _ environment: [String: String] = [:], neededBecause reason: String? = nil
    ) throws -> (options: RedisOptions, problems: [String]) {
        let invocation = Invocation.read(
            Self.table, arguments: arguments, environment: Environment(environment), style: TextStyle.plain)
        guard case .run(var reader) = invocation else { throw TestSupportError("not a run: \(invocation)") }
        let options = RedisOptions(&reader, program: "test", neededBecause: reason)
        return (options, reader.problems.map(\.description))
    }

    private func servers(_ configuration: RedisConfiguration?) -> String {
        (configuration?.seeds ?? []).map(\.description).joined(separator: ",")
    }

    @Test("flag, variables, file, nothing: in that order")
    func precedence() throws {
        let directory = try ScratchDirectory("options")
        let file = try directory.write("tool.conf", "redis = file:1\n")
        let variables = ["GAMIFICATION_REDIS_HOST": "env", "GAMIFICATION_REDIS_PORT": "2"]
        #expect(servers(try read(["--redis", "flag:3", "--config", file], variables).options.caches) == "flag:3")
        #expect(servers(try read(["--config", file], variables).options.caches) == "env:2")
        #expect(servers(try read(["--config", file]).options.caches) == "file:1")
        #expect(servers(try read([]).options.caches) == "")
        #expect(servers(try read([], ["GAMIFICATION_REDIS_HOST": "env"]).options.caches) == "env:6381")
        #expect(servers(try read(["--redis", "a:1,b,[::1]:3"]).options.caches) == "a:1,b:6381,[::1]:3")
    }

    @Test("the durable one is the first unless another is named, with its own user or the first's")
    func durable() throws {
        let one = try read(["--redis", "a:1", "--redis-user", "u"], ["GAMIFICATION_REDIS_PASSWORD": "p"]).options
        #expect(servers(one.durable) == "a:1" && one.durable?.user == "u" && one.durable?.password?.reveal() == "p")
        let two = try read(
            ["--redis", "a:1", "--redis-user", "u"],
            [
                "GAMIFICATION_REDIS_PASSWORD": "p", "GAMIFICATION_REDIS_DURABLE_HOST": "d",
                "GAMIFICATION_REDIS_DURABLE_PORT": "9", "GAMIFICATION_REDIS_DURABLE_PASSWORD": "q",
            ]
        ).options
        #expect(servers(two.caches) == "a:1" && two.caches?.password?.reveal() == "p")
        #expect(servers(two.durable) == "d:9" && two.durable?.user == "u" && two.durable?.password?.reveal() == "q")
        #expect(servers(try read(["--redis", "a:1", "--redis-durable", "f:7"]).options.durable) == "f:7")
    }

    @Test("key styles")
    func styles() throws {
        #expect(try read([]).options.keyStyle == .auto)
        #expect(try read([], ["GAMIFICATION_REDIS_KEY_STYLE": "tagged"]).options.keyStyle == .tagged)
        #expect(try read(["--redis-key-style", "plain"]).options.keyStyle == .plain)
        #expect(KeyStyleChoice.auto.style(isCluster: true) == .tagged)
        #expect(KeyStyleChoice.auto.style(isCluster: false) == .plain)
        #expect(KeyStyleChoice.plain.style(isCluster: true) == .plain)
    }

    @Test("what is wrong is said, with where it stands")
    func mistakes() throws {
        func problems(_ arguments: [String], _ environment: [String: String] = [:]) throws -> String {
            try read(arguments, environment).problems.joined(separator: "; ")
        }
        #expect(try problems(["--redis", "a:0"]).contains("--redis: "))
        #expect(try problems(["--redis", ""]).contains("--redis: "))
        #expect(try problems(["--redis", "redis://a:1"]).contains("HOST:PORT"))
        #expect(try problems(["--redis", "rediss://a:1"]).contains("TLS"))
        #expect(try problems(["--redis-key-style", "odd"]).contains("--redis-key-style"))
        #expect(try problems([], ["GAMIFICATION_REDIS_HOST": "a b"]).contains("GAMIFICATION_REDIS_HOST"))
        let port = ["GAMIFICATION_REDIS_HOST": "a", "GAMIFICATION_REDIS_PORT": "x"]
        #expect(try problems([], port).contains("GAMIFICATION_REDIS_PORT"))
        let needed = try read([], neededBecause: "to tell the caches").problems
        #expect(
            needed == ["--redis: is needed to tell the caches: give --redis HOST:PORT, or set GAMIFICATION_REDIS_HOST"])
        #expect(try read(["--redis", "a:0"], neededBecause: "to tell the caches").problems.count == 1)
    }

    @Test("exit codes by kind of error")
    func exitCodes() {
        #expect(ExitCode(RedisError(.authentication, "x")) == .notAuthorised)
        #expect(ExitCode(RedisError(.unreachable, "x")) == .unreachable)
        #expect(ExitCode(RedisError(.configuration, "x")) == .usage)
        #expect(ExitCode(RedisError(.outOfMemory, "x")) == .failed)
        #expect(Refusal(redis: RedisError(.readOnly, "a replica")).description.hasPrefix("Redis: a replica"))
    }
}
