import Configuration
import Testing

@testable import CommandLine

@Suite struct ConfigFileTests {
    private let schema = ConfigFile.Schema(
        programs: ["one", "two"], program: "one", keys: ["rate", "topic", "merchant", "property"],
        repeatable: ["merchant", "property"], pairs: ["property"], sharedKeys: ["topic", "redis"],
        commandLineOnly: ["yes"])

    private func parse(_ text: String) -> ConfigFile { ConfigFile(path: "f", bytes: Array(text.utf8), schema: schema) }

    @Test func wellFormedFiles() {
        let file = parse(
            "\u{FEFF}# comment\r\n  topic =  a b # c  \r\nredis = r:1\nredis = r:2\nmerchant=x\nmerchant=y\n\n"
                + "[ two ]\nanything = goes\nnonsense\n[one]\nrate\t=\t5\nproperty = a=b=c\n")
        #expect(file.problems == [])
        #expect(file.entries.map(\.key) == ["topic", "merchant", "merchant", "rate", "property"])
        #expect(file.entries.map(\.value) == ["a b # c", "x", "y", "5", "a=b=c"])
        #expect(file.entries.map(\.line) == [2, 5, 6, 12, 13])
        #expect(parse("").entries.isEmpty)
        #expect(parse("topic = x").entries.count == 1)
    }

    @Test func theProgramsOwnSectionWins() {
        let file = parse("topic = a\nmerchant = m\n[one]\ntopic = b\nmerchant = n\nmerchant = o\n")
        #expect(file.problems == [])
        #expect(file.entries.map(\.value) == ["b", "n", "o"])
        let pairs = parse("property = a=1\nproperty = b=1\n[one]\nproperty = b=2\n")
        #expect(pairs.problems == [])
        #expect(pairs.entries.map(\.value) == ["a=1", "b=1", "b=2"])
    }

    @Test(arguments: [
        ("tpic = x", ["f:1: unknown key 'tpic'; did you mean topic?"]),
        ("zzzzzzzz = x", ["f:1: unknown key 'zzzzzzzz'; keys are the long flags without the dashes, see --help"]),
        ("--rate = 5", ["f:1: write rate without the dashes"]),
        ("yes = true", ["f:1: --yes is meant for a single call: give it on the command line, and remove this line"]),
        ("--yes = true", ["f:1: --yes is meant for a single call: give it on the command line, and remove this line"]),
        ("[one]\nredis = x", ["f:2: unknown key 'redis'; keys are the long flags without the dashes, see --help"]),
        ("rate 5", ["f:1: no = in it; lines are key = value"]),
        ("rate =", ["f:1: rate has no value; give one or remove the line"]),
        ("= 5", ["f:1: unknown key ''; keys are the long flags without the dashes, see --help"]),
        ("rate = 5\nrate = 6", ["f:2: rate is set twice, first in line 1; keep one"]),
        ("[one]\nrate = 5\n[two]\n[one]\nrate = 6", ["f:5: rate is set twice, first in line 2; keep one"]),
        ("property = a=1\nproperty = a=2", ["f:2: property 'a' is set twice, first in line 1; keep one"]),
        ("[on]\nx = 1", ["f:1: unknown program 'on'; did you mean [one]?"]),
        ("[zzzzzz]\nx = 1", ["f:1: unknown program 'zzzzzz'; one of one, two"]),
        ("[one\nx = 1", ["f:1: a heading ends with ], as in [one]"]),
        ("rate = 5\u{1B}[2J", ["f:1: holds a control character"]),
        ("rate = 5\u{0}", ["f:1: holds a control character"]),
        (
            "tpic = x\nrate\nrate =",
            [
                "f:1: unknown key 'tpic'; did you mean topic?", "f:2: no = in it; lines are key = value",
                "f:3: rate has no value; give one or remove the line",
            ]
        ),
    ])
    func mistakes(_ text: String, _ problems: [String]) {
        #expect(parse(text).problems.map(\.description) == problems)
    }

    @Test func filesThatAreNoText() throws {
        let file = ConfigFile(path: "f", bytes: [0x72, 0xFF, 0x3D, 0x31], schema: schema)
        #expect(file.problems.map(\.description) == ["f:1: not UTF-8 text"])
        var generator = SplitMix(seed: 3)
        for _ in 0..<200 {
            let bytes = (0..<2_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let noise = ConfigFile(path: "f", bytes: bytes, schema: schema)
            #expect(!noise.problems.isEmpty && noise.problems.count <= 51)
        }
        let binary = ConfigFile(
            path: "f",
            bytes: [UInt8](repeating: 0x0A, count: 10) + Array(repeating: [0xFF, 0x0A], count: 500).flatMap(\.self),
            schema: schema)
        #expect(binary.problems.count == 51)
    }

    @Test func filesThatCannotBeRead() throws {
        #expect(
            ConfigFile(path: "/nonexistent", schema: schema).problems.map(\.description)
                == ["--config: /nonexistent does not exist"])
        #expect(
            ConfigFile(path: "/tmp", schema: schema).problems.map(\.description)
                == ["--config: /tmp is a directory, not a file"])
        try withFile(bytes: [UInt8](repeating: 0x23, count: ConfigFile.limit + 1)) { path in
            #expect(ConfigFile(path: path, schema: schema).problems.first?.message.contains("larger than") == true)
        }
        try withFile(bytes: [UInt8](repeating: 0x23, count: ConfigFile.limit)) { path in
            #expect(ConfigFile(path: path, schema: schema).problems == [])
        }
        #expect(ConfigFile(path: "", schema: schema).problems.count == 1)
    }
}
