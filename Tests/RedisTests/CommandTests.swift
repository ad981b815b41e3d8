import Testing

@testable import Redis

@Suite struct CommandTests {
    private func wire(_ command: RedisCommand) -> String {
        var output: [UInt8] = []
        command.write(to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    @Test("commands are arrays of bulk strings")
    func bytes() {
        var command = RedisCommand("SET", key: "k", "a\r\nb")
        command.add(Int64(-10))
        command.add([0xFF, 0x00])
        var output: [UInt8] = []
        command.write(to: &output)
        let text = "*5\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\na\r\nb\r\n$3\r\n-10\r\n$2\r\n"
        #expect(output == Array(text.utf8) + [0xFF, 0x00, 0x0D, 0x0A])
        #expect(wire(RedisCommand("GET", key: "")) == "*2\r\n$3\r\nGET\r\n$0\r\n\r\n")
        let long = String(repeating: "é", count: 512)
        #expect(wire(RedisCommand("GET", key: long)) == "*2\r\n$3\r\nGET\r\n$1024\r\n\(long)\r\n")
    }

    @Test("a script is called by its digest, and by its text where it is not known")
    func scripts() {
        let script = RedisScript("return 1")
        #expect(script.digest == "e0e1f9fabfc9d4800c877a703b823ac0578ff8db")
        let command = RedisCommand(script, keys: ["k"], arguments: ["x"])
        #expect(
            wire(command) == "*5\r\n$7\r\nEVALSHA\r\n$40\r\n\(script.digest)\r\n$1\r\n1\r\n$1\r\nk\r\n$1\r\nx\r\n")
        #expect(
            wire(command.withText()) == "*5\r\n$4\r\nEVAL\r\n$8\r\nreturn 1\r\n$1\r\n1\r\n$1\r\nk\r\n$1\r\nx\r\n")
    }

    @Test("errors of a server: their code, and their words without what they quote")
    func serverErrors() {
        func error(_ line: String) -> RedisServerError { Array(line.utf8).withUnsafeBytes { RedisServerError($0) } }
        #expect(error("MOVED 1 a:2").code == "MOVED")
        #expect(error("ERR unknown command 'secret', with args").words == "unknown command ")
        #expect(error("something odd").code == "ERR")
        #expect(error("").code == "ERR")
        #expect(error(String(repeating: "X", count: 10_000)).line.utf8.count == 256)
        let node = RedisAddress(host: "h", port: 1)
        let denied = RedisError(error("NOPERM this user may not"), node: node)
        #expect(denied.kind == .authorization && denied.code == "NOPERM" && denied.outcome == .refused)
        #expect(RedisError(error("LOADING Redis is loading"), node: node).isRetriable)
        #expect(!RedisError(error("WRONGTYPE Operation"), node: node).isRetriable)
        #expect(!RedisError(error("OOM command not allowed"), node: node).isRetriable)
    }

    @Test("redirections name their target, hostile ones are refused")
    func redirections() {
        let asked = RedisAddress(host: "h", port: 1)
        func target(_ text: String) -> String? { RedisAddress(redirection: text, askedAt: asked)?.description }
        #expect(target("10.0.0.1:7000") == "10.0.0.1:7000")
        #expect(target("::1:7000") == "[::1]:7000")
        #expect(target(":7000") == "h:7000")
        #expect(target("?:7000") == "h:7000")
        for bad in ["", "x", "x:", "x:0", "x:65536", "x:-1", "x:y", "a b:1", "x:99999999999999999999"] {
            #expect(target(bad) == nil)
        }
    }
}
