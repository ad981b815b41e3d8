import Configuration
import Testing

@testable import CommandLine

@Suite struct ParserTests {
    @Test func theTableItselfIsSound() {
        #expect(Sample.table.problems() == [])
    }

    @Test(arguments: [
        ("--rate 5", ["rate": ["5"]]),
        ("--rate=5", ["rate": ["5"]]),
        ("-b h:1", ["bootstrap-servers": ["h:1"]]),
        ("-bh:1", ["bootstrap-servers": ["h:1"]]),
        ("-b=h:1", ["bootstrap-servers": ["h:1"]]),
        ("-ny", ["dry-run": ["true"], "yes": ["true"]]),
        ("-nybh:1", ["dry-run": ["true"], "yes": ["true"], "bootstrap-servers": ["h:1"]]),
        ("-y --yes", ["yes": ["true"]]),
        ("--follow=false", ["follow": ["false"]]),
        ("--since -2h", ["since": ["-2h"]]),
        ("--since=-2h", ["since": ["-2h"]]),
        ("--limit -1", ["limit": ["-1"]]),
        ("--metrics-file -", ["metrics-file": ["-"]]),
        ("--merchant a --merchant b", ["merchant": ["a", "b"]]),
        ("-X a=b -Xc=d=e --property f=g", ["property": ["a=b", "c=d=e", "f=g"]]),
        ("drain --rate 5", ["rate": ["5"]]),
        ("--rate 5 drain", ["rate": ["5"]]),
        ("--merchant list", ["merchant": ["list"]]),
    ])
    func wellFormed(_ arguments: String, _ values: [String: [String]]) {
        let parsed = Sample.parse(arguments)
        #expect(parsed.problems == [])
        #expect(parsed.values == values)
        guard case .command(let command) = parsed.request else {
            Issue.record("no command")
            return
        }
        #expect(command.name == "drain")
    }

    @Test(arguments: [
        ("list", "list", []), ("-b h:1 list", "list", []), ("show 1:2", "show", ["1:2"]),
        ("show -b h 1:2", "show", ["1:2"]), ("show -- 1:2", "show", ["1:2"]), ("progress reset", "progress reset", []),
        ("progress -y reset", "progress reset", []), ("show -5", "show", ["-5"]),
    ])
    func commands(_ arguments: String, _ name: String, _ positionals: [String]) {
        let parsed = Sample.parse(arguments)
        #expect(parsed.problems == [])
        #expect(parsed.positionals == positionals)
        if case .command(let command) = parsed.request { #expect(command.name == name) } else { Issue.record("none") }
    }

    @Test(arguments: [
        ("--tpic x", ["--tpic: unknown flag; did you mean --topic?"]),
        ("--boot x", ["--boot: unknown flag; did you mean --bootstrap-servers?"]),
        ("--zzzzzz", ["--zzzzzz: unknown flag; see --help for the flags there are"]),
        ("-topic x", ["-t in '-topic': unknown flag; did you mean --topic? Long flags have two dashes"]),
        ("-q", ["-q: unknown flag; see --help for the flags there are"]),
        ("--rate", ["--rate: its value is missing; give --rate N|max"]),
        ("--rate --yes", ["--rate: its value is missing before '--yes'; give --rate N|max"]),
        ("-b -y", ["-b: its value is missing before '-y'; give -b HOST:PORT,…"]),
        ("--rate=", ["--rate: the value is empty; give N|max or leave the flag out"]),
        ("--rate 1 --rate 2", ["--rate: is given 2 times ('1', '2'); give it once"]),
        ("--yes=maybe", ["--yes: takes no value, but got 'maybe'; leave it out"]),
        ("--yes --yes=false", ["--yes: is given 2 times ('true', 'false'); give it once"]),
        ("list --rate 5", ["--rate: belongs to drain, not to list"]),
        ("drain --all", ["--all: belongs to list, not to drain"]),
        ("lst", ["lst: unknown command; did you mean list?"]),
        ("progress", ["progress: needs to be followed by one of reset"]),
        ("xyzzy", ["xyzzy: unknown command; one of drain, list, show, topics, progress reset"]),
        ("drain extra", ["extra: unexpected argument; drain takes no arguments; flags begin with --"]),
        ("show", ["show: PARTITION:OFFSET is missing: the record's place in the topic"]),
        ("show 1:2 3:4", ["3:4: unexpected argument; show takes only PARTITION:OFFSET"]),
        ("completions", ["completions: needs a shell: bash, zsh, fish"]),
        ("completions tcsh", ["completions: needs a shell: bash, zsh, fish, not 'tcsh'"]),
        ("help lst", ["help: unknown command; did you mean list?"]),
        (
            "list --rate 5 --tpic x --since",
            [
                "--tpic: unknown flag; did you mean --topic?",
                "--since: its value is missing; give --since TIME", "--rate: belongs to drain, not to list",
            ]
        ),
    ])
    func mistakes(_ arguments: String, _ problems: [String]) {
        #expect(Sample.parse(arguments).problems.map(\.description) == problems)
    }

    @Test func helpIsAnsweredWhateverElseIsWrong() {
        for arguments in ["--help", "-h", "list --bogus --help", "-yh", "help list", "show --help"] {
            if case .help = Sample.parse(arguments).request {} else { Issue.record("\(arguments): no help") }
            #expect(Sample.parse(arguments).problems == [])
        }
        if case .help(let command) = Sample.parse("list -h").request { #expect(command?.name == "list") }
        if case .version = Sample.parse("list --version").request {} else { Issue.record("no version") }
        // After a flag that takes a value, -h is still the flag: its value is what is missing.
        if case .help = Sample.parse("--rate -h").request {} else { Issue.record("no help") }
    }

    @Test func hostileArgumentsAreEscapedInMessages() {
        let parsed = ArgumentParser(table: Sample.table).parse(["--\u{1B}]0;owned\u{7}", "\u{202E}abc"])
        for problem in parsed.problems {
            #expect(problem.description.unicodeScalars.allSatisfy { PrintableText.isHarmless($0) })
        }
        #expect(parsed.problems.count >= 1)
    }

    @Test func randomArgumentsAreParsedOrExplained() {
        var generator = SplitMix(seed: 42)
        let pieces = [
            "-", "--", "=", "-b", "--rate", "--rate=", "-2h", "list", "drain", "show", "x", "-y", "-nyb", "--help=",
            "\u{0}", "é", "🎉", "--merchant", "-X", "a=b", " ", "--yes=false", "progress", "reset", "--all", "",
            "__complete", "completions", "\u{1B}[2J", "--config", "man", "--topic",
        ]
        for _ in 0..<5_000 {
            let count = Int.random(in: 0..<8, using: &generator)
            let arguments = (0..<count).map { _ in
                (0..<Int.random(in: 1...2, using: &generator)).map { _ in
                    pieces.randomElement(using: &generator) ?? ""
                }.joined()
            }
            let parsed = ArgumentParser(table: Sample.table).parse(arguments)
            if case .unknown = parsed.request { #expect(!parsed.problems.isEmpty, "\(arguments)") }
            if case .command(let command) = parsed.request, parsed.problems.isEmpty {
                let own = Set(Sample.table.flags(of: command).map(\.long))
                #expect(parsed.values.keys.allSatisfy { own.contains($0) }, "\(arguments)")
                #expect(parsed.positionals.count == command.positionals.count, "\(arguments)")
            }
            for problem in parsed.problems { #expect(!problem.message.isEmpty) }
        }
    }
}

/// A small seeded generator (SplitMix64), so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
