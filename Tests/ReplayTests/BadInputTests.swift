import TestSupport
import Testing

@Suite("Mistakes in how replay is called")
struct BadInputTests {
    @Test(
        "each is exit 2 with what would be right, and nothing is tried",
        arguments: [
            (["--rate", "0"], "is not a rate"), (["--rate", "-5"], "is not a rate"),
            (["--rate", "999999999999"], "is not a rate"), (["--ramp", "10"], "FROM:TO:DURATION"),
            (["--ramp", "0:0:5m"], "both ends"), (["--ramp", "1:2:5m", "--rate", "3"], "give one"),
            (["--since", "2025-11-30T14:00:00"], "--since"), (["--since", "2099-01-01T00:00:00Z"], "future"),
            (["--since", "-1h", "--until", "-2h"], "nothing could be selected"),
            (["--since", "-1h", "--until", "-1h"], "nothing could be selected"),
            (["--from", "1:5"], "exactly one --topic"),
            (["--topic", "a", "--from", "1:5", "--to", "1:5"], "nothing could be selected"),
            (["--topic", "a", "--from", "1:5", "--from", "1:6"], "twice"),
            (["--topic", "a", "--from", "x"], "PARTITION:OFFSET"),
            (["--topic", "a", "--to", "a"], "it would never end"),
            (["--topic", "gamification.replay"], "it would never end"),
            (["--topic", "a", "--topic", "b", "--to", "origin", "--allow-origin", "b"], "it would never end"),
            (["--to", "origin"], "it would never end"), (["--to", "x", "--to", "y"], "give one"),
            (["--to", "x", "--to-file", "f"], "give one"),
            (["--to-file", "f", "--from-file", "g"], "does not go with --from-file"),
            (["--from-file", "g", "--topic", "a"], "does not go with --from-file"),
            (["--topic", "gamification.redrive.runs"], "tools' own records"),
            (["--header", "noequals"], "NAME=GLOB"), (["--where", "=x"], "FIELD=VALUE"),
            (["--where", "a..b=x"], "FIELD=VALUE"), (["--where", "a=x"], "needs the payload"),
            (["--max-lag", "x"], "TOPIC:GROUP=N"), (["--run", "a/b"], "--run"), (["--run", "a b"], "--run"),
            (["--since", "2025-11-30 14:00:00Z", "--until", "14:00"], "--until"),
            (["--until", "2025-11-30"], "--until"),
            (["--until", "2h"], "--until"), (["--since", "-2000000h"], "--since"),
            (["--rate", "1e3"], "is not a rate"),
            (["--rate", "NaN"], "is not a rate"), (["--rate", ""], "--rate"),
            (["--ramp", "-1:5:5m"], "FROM:TO"),
            (["--ramp", "1:5:-5m"], "duration"), (["--ramp", "1:5:900h"], "168 hours"),
            (["--topic", "a", "--from", "1:9", "--to", "1:5"], "nothing could be selected"),
            (["--topic", "a", "--from", "-1:9"], "PARTITION:OFFSET"),
            (["--rate", "10000001"], "is not a rate"), (["--rate", "2.5"], "is not a rate"),
            (["--ramp", "1:20000000:5m"], "10000000"),
            (["--topic", "a", "--to-file", "f", "--max-lag", "t:g=1"], "does not go with --to-file"),
            (["--metrics-file", "/no/such/folder/file"], "--metrics-file"),
            (["--on-undecodable", "maybe"], "skip"), (["--nonsense"], "--nonsense"), (["--limit", "0"], "--limit"),
        ])
    func usage(arguments: [String], hint: String) async throws {
        let result = try await Program.run(["-b", "localhost:1", "--no-decode"] + arguments)
        #expect(result.exitCode == 2)
        #expect(result.errors.contains(hint), "\(result.errors)")
        #expect(result.output.isEmpty)
    }

    @Test("all mistakes are told at once")
    func together() async throws {
        let result = try await Program.run(["--rate", "0", "--header", "x", "--max-lag", "y"])
        #expect(result.exitCode == 2)
        for flag in ["--rate", "--header", "--max-lag", "--bootstrap-servers"] {
            #expect(result.errors.contains(flag))
        }
    }

    @Test("controls need a run, and a rate that can be meant")
    func controls() async throws {
        for arguments in [
            ["pause"], ["status"], ["rate", "--run", "x"], ["rate", "--run", "x", "0"],
            ["rate", "--run", "x", "10000001"],
        ] {
            let result = try await Program.run(arguments + ["-b", "localhost:1"])
            #expect(result.exitCode == 2, "\(arguments): \(result.errors)")
        }
    }
}
