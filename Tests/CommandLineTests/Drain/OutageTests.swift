import Glibc
import Kafka
import KafkaTestSupport
import TestSupport
import Testing

@Suite("What a program depends on is away")
struct OutageTests {
    private func call(_ command: [String], _ brokers: String) -> [String] {
        command + ["-b", brokers, "--topic", "queue", "--output", "json"]
            + (command == ["topics"] ? [] : ["--no-decode"])
    }

    private func start(_ arguments: [String]) throws -> ChildProcess {
        try ChildProcess([try ProcessRunner.builtBinary(Program.name)] + arguments, environment: Program.clean)
    }

    @Test("brokers that are away at the start are waited for, and then all goes on")
    func comesBack() async throws {
        let cluster = try MockCluster()
        try cluster.createTopic("queue", partitions: 1)
        try cluster.setBroker(1, isUp: false)
        let program = try start(call(["list"], cluster.bootstrapServers))
        try await program.waitForOutput(onErrors: true) { $0.contains("no broker answers at") }
        try cluster.setBroker(1, isUp: true)
        let result = try await program.wait(deadline: 60)
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(try JSON(result.output)["complete"].bool == true)
    }

    @Test("a signal ends the waiting, with a document", arguments: [["list"], ["topics"], ["drain", "--yes"]])
    func signal(command: [String]) async throws {
        let program = try start(call(command, "127.0.0.1:1"))
        try await program.waitForOutput(onErrors: true) { $0.contains("no broker answers at") }
        program.signal(SIGTERM)
        let result = try await program.wait(deadline: 30)
        #expect(result.exitCode == 143, "\(result.errors)")
        #expect(try JSON(result.output)["exit_reason"].string == "terminated")
    }

    @Test("brokers that do not come are exit 5 after a minute, and the address is named")
    func neverComes() async throws {
        let result = try await Program.run(call(["drain", "--yes"], "127.0.0.1:1"), deadline: 120)
        #expect(result.exitCode == 5, "\(result.errors)")
        let document = try JSON(result.output)
        #expect(document["exit_reason"].string == "unreachable" && document["redriven"].int == 0)
        #expect(document.keys.contains("remaining") && document["remaining"].isNull, "nobody knows what is left")
        #expect(result.errors.contains("no broker answers at 127.0.0.1:1"))
    }

    @Test("a registry that is away, or at another path, is exit 5, and nothing is published", ScratchKafka.requirement)
    func registry() async throws {
        let queue = try await DrainStage("registry")
        let framed = Letters.framed(queue.stage.points, Letters.points(1))
        try await queue.publish([Letters.record(framed, headers: Letters.headers(offset: 1, code: "internal"))])
        for url in ["http://127.0.0.1:1", "\(queue.stage.registry)/wrong"] {
            let call = queue.call.filter { $0 != "--no-decode" } + ["--schema-registry", url]
            let result = try await Program.json(call, exit: 5)
            #expect(result["error"].string?.contains(url) == true, "\(result)")
        }
        #expect(try await queue.read(queue.destination).isEmpty)
        #expect(try await queue.drain()["redriven"].int == 1)
    }
}

@Suite("Output that cannot be written", ScratchKafka.requirement)
struct OutputTests {
    private func queue(_ count: Int) async throws -> DrainStage {
        let queue = try await DrainStage("output")
        try await queue.publish(
            (0..<count).map { Letters.record([1], headers: Letters.headers(offset: $0, code: "internal")) })
        return queue
    }

    @Test("a full disk for the results, or for the metrics, is exit 1; the work is done all the same")
    func fullDisk() async throws {
        let first = try await queue(3)
        let result = try await Program.run(first.call, output: .file("/dev/full"))
        #expect(result.exitCode == 1 && result.errors.contains("no space left"), "\(result.errors)")
        #expect(try await first.read(first.destination).count == 3)
        let second = try await queue(3)
        let document = try await second.drain(["--metrics-file", "/dev/full"], exit: 1)
        #expect(document["redriven"].int == 3)
        #expect(document["error"].string?.contains("/dev/full") == true)
    }

    @Test("a reader that has gone ends the drain in order", arguments: [[], ["--output", "json"]])
    func closedOutput(form: [String]) async throws {
        let queue = try await queue(3)
        let command = ([try ProcessRunner.builtBinary(Program.name)] + queue.call + form).joined(separator: " ")
        let result = try await ProcessRunner.run(
            ["bash", "-c", "\(command) | true; echo ${PIPESTATUS[0]}"], environment: Program.clean)
        #expect(result.output == "1\n", "\(result.errors)")
        #expect(try await queue.read(queue.destination).count == 3)
        // Without any output at all.
        let closed = try await ProcessRunner.run(
            ["bash", "-c", "\(command) >&-; echo $? >&2"], environment: Program.clean)
        #expect(closed.errors.hasSuffix("0\n") || closed.errors.hasSuffix("1\n"), "\(closed.errors)")
    }
}
