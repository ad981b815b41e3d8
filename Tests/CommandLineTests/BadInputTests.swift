import TestSupport
import Testing

/// Every call here must end with exit 2 at once, name every mistake, and try nothing: there is no broker to try it on.
@Suite("Mistakes in how reprocess-dlq is called")
struct BadInputTests {
    /// Enough to reach the validated stage: what is needed is given.
    private static let whole = ["-b", "127.0.0.1:1", "--no-decode"]

    private func mistakes(_ arguments: [String], environment: [String: String?] = [:]) async throws -> String {
        let result = try await Program.run(arguments, environment: environment, deadline: 20)
        #expect(result.exitCode == 2, "\(result.errors)")
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("nothing was done"))
        return result.errors
    }

    @Test(
        "one mistake, with what would be right",
        arguments: [
            (["--bogus"], "--bogus"),
            (["list", "--merchnt", "x"], "--merchant"),
            (["lst"], "list"),
            (["list", "extra"], "extra"),
            (["show"], "PARTITION:OFFSET"),
            (["show", "1:2", "3:4"], "3:4"),
            (["show", "7"], "PARTITION:OFFSET"),
            (["show", "-1:2"], "-1"),
            (["show", "1:99999999999999999999"], "PARTITION:OFFSET"),
            (["show", "x:y"], "PARTITION:OFFSET"),
            (["list", "--topic"], "--topic"),
            (["list", "--topic", "a b"], "topic name"),
            (["list", "--topic", ""], "empty"),
            (["list", "--topic", "a", "--topic", "b"], "--topic"),
            (["list", "--all=perhaps"], "--all"),
            (["list", "--group", "a/b"], "/"),
            (["list", "--event-type", "points"], "points.earned"),
            (["list", "--error-code", "avro"], "avro.malformed"),
            (["list", "--since", "yesterday"], "--since"),
            (["list", "--since", "2025-11-30T12:00:00"], "--since"),
            (["list", "--since", "-1h", "--until", "-2h"], "--until"),
            (["list", "--customer", "c1"], "--schema-registry"),
            (["list", "--time", "event", "--since", "-1h"], "--schema-registry"),
            (["list", "--max-retries", "-1"], "--max-retries"),
            (["list", "--max-retries", "many"], "--max-retries"),
            (["list", "--allow-origin", "a"], "--to origin"),
            (["list", "--output", "xml"], "json"),
            (["list", "--progress", "sometimes"], "never"),
            (["list", "--yes"], "--yes"),
            (["list", "-X", "sasl.password=hunter2"], "sasl.password"),
            (["list", "-X", "group.id=g"], "--group"),
            (["list", "-X", "nonsense"], "name=value"),
            (["list", "--config", "/nonexistent/ops.conf"], "/nonexistent/ops.conf"),
            (["topics", "--partitions", "0", "--create"], "--partitions"),
            (["topics", "--partitions", "3"], "--create"),
            (["topics", "--replication-factor", "0", "--create"], "--replication-factor"),
            (["topics", "--topic", "same", "--replay-topic", "same"], "same"),
            (["drain", "--progress-topic", "gamification.dlq"], "--progress-topic"),
            (["drain", "--progress-topic", "gamification.replay"], "--progress-topic"),
            (["drain", "--parked-topic", "gamification.replay"], "--parked-topic"),
            (["drain", "--to", "gamification.dlq.parked"], "--parked-topic"),
            (["drain", "--rate", "0"], "--rate"),
            (["drain", "--limit", "0"], "--limit"),
            (["drain", "--delivery", "at-most-once"], "at-least-once"),
            (["drain", "--to", "gamification.dlq"], "--to"),
            (["drain", "--skipped", "requeue"], "filter"),
            (["drain", "--skipped", "requeue", "--merchant", "m", "--follow"], "--follow"),
            (["drain", "--run", "a b"], "--run"),
        ] as [([String], String)])
    func one(arguments: [String], expected: String) async throws {
        let extra = arguments.first == "topics" ? ["-b", "127.0.0.1:1"] : Self.whole
        let errors = try await mistakes(arguments + extra)
        #expect(errors.contains(expected), "\(errors)")
        #expect(!errors.contains("hunter2"))
    }

    @Test("what is needed and not there", arguments: ["drain", "list", "show", "topics"])
    func needed(command: String) async throws {
        let errors = try await mistakes(command == "show" ? ["show", "0:0"] : [command])
        #expect(errors.contains("--bootstrap-servers") && errors.contains("KAFKA_BROKER"))
        #expect(errors.contains("--schema-registry") == ["drain", "list"].contains(command))
    }

    @Test("all mistakes at once, wherever they stand")
    func together() async throws {
        let errors = try await mistakes(
            ["list", "--topic", "a b", "--since", "soon", "--nope", "--error-code", "x", "--group", "a/b"],
            environment: ["KAFKA_BROKER": "host:port:port"])
        for part in ["--topic", "--since", "--nope", "--error-code", "--group", "KAFKA_BROKER", "--schema-registry"] {
            #expect(errors.contains(part), "\(part) is not named in\n\(errors)")
        }
    }

    @Test(
        "with --output json a mistake is a document as well",
        arguments: [
            ["lst", "--output", "json"], ["--output", "json", "--bogus"], ["list", "--output=json"],
            ["show", "--output", "json"], ["topics", "--partitions", "3", "--output", "json"],
            ["list", "--config", "/nonexistent/ops.conf", "--output", "json"],
        ])
    func document(arguments: [String]) async throws {
        let result = try await Program.run(arguments, deadline: 20)
        #expect(result.exitCode == 2 && result.errors.contains("nothing was done"))
        let document = try JSON(result.output)
        #expect(document["exit_code"].int == 2 && document["exit_reason"].string == "usage")
        #expect(document["error"].string?.contains("nothing was done") == true)
        #expect(document["problems"].array.allSatisfy { $0.string.map(result.errors.contains) == true })
        #expect(!document["problems"].array.isEmpty)
        for count in ["selected", "redriven", "parked", "skipped", "gone", "remaining"] {
            #expect(document[count].int == 0)
        }
    }

    @Test("the configuration file may ask for the document, too")
    func documentByFile() async throws {
        let directory = try ScratchDirectory("config")
        let file = try directory.write("ops.conf", "output = json\nyes = true\n")
        let result = try await Program.run(["list", "--config", file], deadline: 20)
        let document = try JSON(result.output)
        #expect(document["exit_reason"].string == "usage")
        #expect(document["problems"].array.contains { $0.string?.contains("ops.conf:2: --yes") == true })
    }

    @Test("a registry's URL holds a password only where other users of the machine cannot read it")
    func registryCredentials() async throws {
        let url = "http://me:hunter2@127.0.0.1:1"
        let broker = ["list", "-b", "127.0.0.1:1"]
        let shown = try await mistakes(broker + ["--schema-registry", url])
        #expect(shown.contains("--schema-registry") && !shown.contains("hunter2"), "\(shown)")
        // From the environment it is taken: what is complained of is the other mistake alone.
        let taken = try await mistakes(broker + ["--bogus"], environment: ["SCHEMA_REGISTRY_URL": url])
        #expect(
            taken.contains("--bogus") && !taken.contains("schema-registry") && !taken.contains("hunter2"), "\(taken)")
        let twice = try await mistakes(
            broker + ["--schema-registry-user", "you"], environment: ["SCHEMA_REGISTRY_URL": url])
        #expect(twice.contains("--schema-registry-user") && !twice.contains("hunter2"), "\(twice)")
    }

    @Test("a metrics file that cannot be written is said before anything is done")
    func metricsFile() async throws {
        for path in ["/nonexistent/drain.prom", "/"] {
            let errors = try await mistakes(["drain", "--metrics-file", path] + Self.whole)
            #expect(errors.contains("--metrics-file") && errors.contains(path), "\(errors)")
        }
    }

    @Test("values beyond any use are refused in a few words")
    func oversized() async throws {
        let long = String(repeating: "a", count: 100_000)
        for flag in [
            "--topic", "--group", "--merchant", "--event-id", "--since", "--schema-registry", "--config", "-b",
        ] {
            let errors = try await mistakes(["list", flag, long, "--bogus"] + Self.whole.filter { _ in flag != "-b" })
            #expect(errors.utf8.count < 4_000, "\(flag): \(errors.utf8.count) bytes")
        }
        let many = try await mistakes(["list"] + (0..<5_000).map { "--bogus\($0)" } + Self.whole)
        #expect(many.utf8.count < 20_000)
    }

    @Test("what a user typed cannot steer the terminal")
    func hostile() async throws {
        let errors = try await mistakes(
            ["list", "--topic", "\u{1B}[2J\u{202E}x", "--\u{1B}]0;title\u{07}"] + Self.whole)
        #expect(!errors.unicodeScalars.contains("\u{1B}") && !errors.unicodeScalars.contains("\u{07}"))
        #expect(!errors.unicodeScalars.contains("\u{202E}"))
    }
}
