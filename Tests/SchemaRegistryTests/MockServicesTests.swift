import Glibc
import SchemaRegistry
import TestSupport
import Testing

/// The stand-ins as a program.
@Suite struct MockServicesTests {
    private func run(_ arguments: [String]) async throws -> ProcessResult {
        try await ProcessRunner.run([try ProcessRunner.builtBinary("mock-services")] + arguments)
    }

    @Test func saysEveryMistakeAtOnce() async throws {
        let result = try await run([
            "--topic", "t", "--topic", "a/b:1", "--topic", "t:0", "--brokers", "0", "--nonsense",
        ])
        #expect(result.exitCode == 2)
        for part in ["NAME:PARTITIONS", "a/b", "--brokers", "--nonsense"] { #expect(result.errors.contains(part)) }
        #expect(result.output.isEmpty)
    }

    @Test func showsItsHelp() async throws {
        let result = try await run(["--help"])
        #expect(result.exitCode == 0)
        #expect(result.output.contains("--fail-first"))
    }

    @Test func saysThatAPortIsTaken() async throws {
        let server = try RawServer(replies: [""])
        let result = try await run(["--registry-port", "\(server.port)"])
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("127.0.0.1:\(server.port)"))
    }

    @Test(arguments: [(SIGTERM, 143), (SIGINT, 130)] as [(Int32, Int32)])
    func endsOnSignals(signal: Int32, code: Int32) async throws {
        let services = try await StandIns()
        services.process.signal(signal)
        #expect(try await services.process.wait(deadline: 20).exitCode == code)
    }

    @Test func endsWithItsParent() async throws {
        let binary = try ProcessRunner.builtBinary("mock-services")
        // The shell tells the child's number, waits for its own input to end, and goes.
        let shell = try ChildProcess(
            ["sh", "-c", "'\(binary)' --exit-with-parent & echo pid $!; read -r line"], input: .open)
        let output = try await shell.waitForOutput { $0.contains("READY") && $0.contains("pid") }
        let pid = try #require(
            output.split(separator: "\n").first { $0.hasPrefix("pid ") }.flatMap { Int32($0.dropFirst(4)) })
        #expect(kill(pid, 0) == 0)
        shell.closeInput()
        // The orphan's new parent may leave it as a zombie; its command line is gone then.
        #expect(await eventually { (try? readText("/proc/\(pid)/cmdline"))?.isEmpty ?? true })
    }

    @Test func hostsKafkaWithTopicsAndFaults() async throws {
        let services = try await StandIns(["--topic", "orders:3", "--brokers", "2"])
        let listing = try await ProcessRunner.output(of: ["kcat", "-b", services.kafka, "-L", "-m", "20"])
        #expect(listing.contains("2 brokers"))
        #expect(listing.contains(#"topic "orders" with 3 partitions"#))
        try await services.order("kafka/topics", #"{"name":"later","partitions":2}"#)
        try await services.order("kafka/brokers", #"{"broker":1,"roundTripMs":1,"isUp":true}"#)
        try await services.order("kafka/errors", #"{"api":"Produce","errors":["TOPIC_AUTHORIZATION_FAILED"]}"#)
        let sent = try await ProcessRunner.run(
            ["kcat", "-b", services.kafka, "-P", "-t", "later", "-X", "retries=0"], input: .text("x\n"))
        #expect(sent.errors.contains("Topic authorization failed"))
        try await services.order("kafka/errors", #"{"api":"Produce","errors":[]}"#)
        for bad in [#"{"api":"Nonsense","errors":[]}"#, #"{"api":"Produce","errors":["NONSENSE"]}"#, "{}", ""] {
            await #expect(throws: TestSupportError.self) { try await services.order("kafka/errors", bad) }
        }
        await #expect(throws: TestSupportError.self) {
            try await services.order("kafka/brokers", #"{"broker":9,"isUp":true}"#)
        }
        await #expect(throws: TestSupportError.self) {
            try await services.order("kafka/topics", #"{"name":"","partitions":1}"#)
        }
    }

    @Test func failsAsOftenAsAsked() async throws {
        let services = try await StandIns(["--fail-first", "2"])
        let time = ManualTime()
        let client = try registryClient(services.registryURL, time: time.time)
        #expect(try await client.subjects().isEmpty)
        #expect(time.sleeps.count == 2)
    }

    @Test func survivesAClientThatLeavesBeforeALateAnswer() async throws {
        let services = try await StandIns(["--delay-ms", "300"])
        let hurried = try registryClient(services.registryURL, attempts: 1) {
            $0.retry.attemptTimeout = .milliseconds(50)
        }
        for id in 0..<5 as Range<Int32> {
            await #expect(throws: (any Error).self) { try await hurried.lookup(id) }
        }
        #expect(try await registryClient(services.registryURL).subjects().isEmpty)
    }
}
