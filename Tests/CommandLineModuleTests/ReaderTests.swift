import Configuration
import Glibc
import TestSupport
import Testing

@testable import CommandLine

@Suite struct ReaderTests {
    @Test func everyMistakeOfEveryStageIsReportedTogether() throws {
        var reader = try Sample.reader(
            ["--tpic", "x", "--rate", "10x", "--limit", "-1", "-X", "a", "--since", "2025-11-30T12:00:00"],
            environment: ["KAFKA_BROKER": "h:x"])
        _ = reader.hostPorts(.bootstrapServers)
        _ = reader.rate(Sample.rate)
        _ = reader.optionalInteger(Sample.limit, in: 1...1_000_000)
        _ = reader.kafkaProperties()
        _ = reader.time(Sample.since, relativeTo: TimePoint(milliseconds: 0))
        _ = reader.text(Sample.until)
        let error = try #require(throws: UsageError.self) { try reader.finish() }
        #expect(
            error.description == """
                sample: 7 mistakes in how it was called; nothing was done
                  --tpic: unknown flag; did you mean --topic?
                  KAFKA_BROKER (--bootstrap-servers): 'h:x' has no port; give HOST:PORT, for example kafka-1:9092
                  --rate: '10x' is not a rate; give whole records a second (1 to 10,000,000), or max
                  --limit: -1 is out of range; give 1 to 1,000,000
                  -X: a property is name=value, for example -X security.protocol=SSL
                  --since: '2025-11-30T12:00:00' has no time zone; end it with Z for UTC, or an offset such as +01:00
                  --until: is needed: give --until TIME
                See sample drain --help
                """)
    }

    @Test func wellFormedOptionsAreRead() throws {
        var reader = try Sample.reader([
            "-b", "a:1,b:2", "--rate", "max", "--merchant", "m*", "--merchant", "n", "--delivery", "at-least-once",
            "--follow", "-X", "security.protocol=SSL", "--progress", "never", "--config=/dev/null",
        ])
        same(reader.hostPorts(.bootstrapServers).count, 2)
        same(reader.rate(Sample.rate), .unlimited)
        same(reader.globs(Sample.merchant).map(\.description), ["m*", "n"])
        same(reader.toggle(Sample.follow), true)
        same(reader.toggle(.yes), false)
        same(reader.topic(Sample.topic), "gamification.dlq")
        #expect(!reader.isGiven(Sample.topic))
        same(reader.choice(.progress, as: ProgressMode.self, placeholder: .auto), .never)
        same(reader.kafkaProperties().description, "security.protocol=SSL")
        same(reader.optionalName(.group), nil)
        try reader.finish()
    }

    @Test func precedenceIsFlagEnvironmentFileDefault() throws {
        try withFile("topic = from-file\n[sample]\nrate = 7\n") { path in
            let environment = ["GAMIFICATION_DLQ": "from-environment"]
            func topic(_ arguments: [String], _ environment: [String: String]) throws -> [SettingValue] {
                try Sample.reader(arguments, environment: environment).values(of: Sample.topic)
            }
            let file = ["--config", path]
            #expect(try topic(file + ["--topic", "t"], environment) == [SettingValue("t", .flag)])
            #expect(
                try topic(file, environment) == [SettingValue("from-environment", .environment("GAMIFICATION_DLQ"))])
            #expect(try topic([], [:]) == [SettingValue("gamification.dlq", .standard)])
            #expect(try topic([], ["GAMIFICATION_DLQ": ""]) == [SettingValue("gamification.dlq", .standard)])
            var reader = try Sample.reader([], environment: ["GAMIFICATION_CONFIG": path])
            same(reader.rate(Sample.rate), .perSecond(7))
        }
    }

    @Test func aWrongValueInTheFileNamesItsLine() throws {
        try withFile("\n[sample]\nrate = fast\n") { path in
            var reader = try Sample.reader(["--config", path])
            _ = reader.rate(Sample.rate)
            #expect(reader.problems.first?.place == "\(path):3 (rate)")
        }
    }

    @Test func conflictsAreReported() throws {
        var reader = try Sample.reader(["--follow", "--limit", "5"])
        reader.exclusive([Sample.follow, Sample.limit], because: "a run that goes on has no limit; leave one out")
        reader.exclusive([.yes, .dryRun], because: "never")
        #expect(
            reader.problems.map(\.description)
                == ["--follow and --limit: a run that goes on has no limit; leave one out"])
        var harmless = try Sample.reader(["--follow=false", "--limit", "5"])
        harmless.exclusive([Sample.follow, Sample.limit], because: "never")
        #expect(harmless.problems.isEmpty)
    }

    @Test func togglesFromEverywhere() throws {
        try withFile("follow = yes\n") { path in
            // A flag that only this program has belongs under its heading, but stands above it unharmed.
            var reader = try Sample.reader(["--config", path])
            same(reader.toggle(Sample.follow), true)
            var off = try Sample.reader(["--config", path, "--follow=false"])
            same(off.toggle(Sample.follow), false)
        }
        try withFile("follow = perhaps\n") { path in
            var reader = try Sample.reader(["--config", path])
            same(reader.toggle(Sample.follow), false)
            #expect(throws: UsageError.self) { try reader.finish() }
        }
    }

    @Test func confirmationCannotBeConfigured() throws {
        try withFile("yes = true\ndry-run = false\n") { path in
            let reader = try Sample.reader(["--config", path])
            #expect(reader.problems.count == 2)
        }
    }

    @Test func positionalArguments() throws {
        var reader = try Sample.reader(["show", "1:x"])
        same(reader.positional(0) { text throws(ValueError) in try PartitionOffset(text) }, nil)
        #expect(reader.problems.first?.place == "PARTITION:OFFSET")
        same(reader.positional(1) { text throws(ValueError) in try PartitionOffset(text) }, nil)
        #expect(reader.problems.count == 1)
    }
}

/// Runs `body` with the path of a file that holds `text` and is gone afterwards.
func withFile(_ text: String, _ body: (String) throws -> Void) throws {
    try withFile(bytes: Array(text.utf8), body)
}

/// Runs `body` with the path of a file that holds `bytes` and is gone afterwards.
func withFile(bytes: [UInt8], mode: mode_t = 0o600, _ body: (String) throws -> Void) throws {
    let directory = try ScratchDirectory("command-line")
    let path = directory.file("file")
    try writeBytes(bytes, to: path)
    chmod(path, mode)
    try withExtendedLifetime(directory) { try body(path) }
}

/// Expects two values to be equal; for expressions with mutating calls, which the macro does not take.
func same<Value: Equatable>(_ left: Value, _ right: Value, _ location: SourceLocation = #_sourceLocation) {
    #expect(left == right, sourceLocation: location)
}
