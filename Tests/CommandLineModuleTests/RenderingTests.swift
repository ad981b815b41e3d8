import Configuration
import Testing

@testable import CommandLine

@Suite struct RenderingTests {
    private func style(_ width: Int?, colour: Bool = false, unicode: Bool = true) -> TextStyle {
        TextStyle(width: width, hasColour: colour, isUnicode: unicode)
    }

    @Test func theHelpIsWhatIsKept() throws {
        try Golden.expect(HelpRenderer(Sample.table, style: style(80)).text(for: nil), is: "help-80.txt")
        try Golden.expect(HelpRenderer(Sample.table, style: style(200)).text(for: nil), is: "help-200.txt")
        try Golden.expect(HelpRenderer(Sample.table, style: style(40)).text(for: nil), is: "help-40.txt")
        try Golden.expect(
            HelpRenderer(Sample.table, style: style(80)).text(for: Sample.table.subcommands[2]), is: "help-show.txt")
    }

    @Test func theManPageIsWhatIsKept() throws {
        try Golden.expect(ManPageRenderer(Sample.table).text, is: "sample.1")
    }

    @Test func theCompletionsAreWhatIsKept() throws {
        for shell in CompletionShell.allCases {
            try Golden.expect(shell.script(for: Sample.table), is: "sample.\(shell.rawValue)")
        }
    }

    @Test func helpFitsItsTerminal() {
        for width in 40...130 {
            for command in [nil] + Sample.table.subcommands {
                let text = HelpRenderer(Sample.table, style: style(width)).text(for: command)
                for line in text.split(separator: "\n") where line.contains(" ") {
                    // Usage lines, terms and examples are things to type: they are not broken.
                    let isProse = line.hasPrefix("        ") || !line.hasPrefix(" ")
                    if isProse, !line.contains("sample"), !line.hasPrefix("Flags"), !line.hasPrefix("More") {
                        #expect(DisplayWidth.columns(line) <= min(width, 100), "\(width): \(line)")
                    }
                }
            }
        }
    }

    @Test func helpIsASCIIWhereTheLocaleIs() {
        let text = HelpRenderer(Sample.table, style: style(80, unicode: false)).text(for: nil)
        #expect(text.utf8.allSatisfy { $0 < 0x80 })
    }

    @Test func coloursOnlyWhereWanted() {
        let plain = HelpRenderer(Sample.table, style: style(80)).text(for: nil)
        let colour = HelpRenderer(Sample.table, style: style(80, colour: true)).text(for: nil)
        #expect(!plain.contains("\u{1B}"))
        #expect(colour.contains("\u{1B}[1m"))
        #expect(TerminalFilter.filtered(colour) == colour)
    }

    @Test func everyFlagIsInHelpManAndCompletions() {
        let helps = Sample.table.subcommands.map { HelpRenderer(Sample.table, style: .plain).text(for: $0) }
        let page = ManPageRenderer(Sample.table).text
        for flag in Sample.table.allFlags {
            #expect(helps.contains { $0.contains("--\(flag.long)") })
            #expect(page.contains("\\-\\-\(flag.long.replacing("-", with: "\\-"))"))
            for shell in [CompletionShell.bash, .zsh] {
                #expect(shell.script(for: Sample.table).contains("--\(flag.long)"))
            }
            #expect(CompletionShell.fish.script(for: Sample.table).contains("-l \(flag.long)"))
        }
    }

    @Test func roffIsEscaped() {
        let table = FlagTable(
            program: "p", version: "1", summary: "x", description: [".so /etc/passwd", "'br \\n \"q\" ~^` …"],
            subcommands: [Subcommand("run", summary: "Run")])
        let page = ManPageRenderer(table).text
        #expect(page.contains("\n\\&.so /etc/passwd\n"))
        #expect(page.contains("\n\\(aqbr \\en \\(dqq\\(dq \\(ti\\(ha\\(ga \\[u2026]\n"))
    }

    @Test func answersNeedNothingButTheTable() {
        func answer(_ arguments: String...) -> String? {
            let invocation = Invocation.read(
                Sample.table, arguments: arguments, environment: Environment([:]), style: .plain, versions: ["lib 2"])
            if case .answer(let text) = invocation { return text }
            return nil
        }
        #expect(answer("--version") == "sample 1.2.3\nlib 2\n")
        #expect(answer("--help")?.hasPrefix("sample - process") == true)
        #expect(answer("help", "list")?.hasPrefix("sample list - show") == true)
        #expect(answer("man")?.contains(".TH SAMPLE 1 2026-01-31") == true)
        #expect(answer("completions", "bash")?.contains("complete -F") == true)
        #expect(answer("completions", "tcsh") == nil)
        #expect(answer("help", "nothing") == nil)
        #expect(answer("--config", "/nonexistent", "--help") != nil)
        guard
            case .complete(let kind, let reader) = Invocation.read(
                Sample.table, arguments: ["__complete", "topics", "list", "-b", "h:1", "--topic"],
                environment: Environment([:]), style: .plain)
        else {
            Issue.record("no completion")
            return
        }
        #expect(kind == "topics" && reader.command.name == "list")
        #expect(reader.values(of: .bootstrapServers).first?.text == "h:1")
    }

    @Test func tablesThatAreWrongAreFound() {
        let twice = Flag("twice", section: "A", help: "Ends with a stop.")
        let table = FlagTable(
            program: "p", version: "1", summary: "x",
            subcommands: [
                Subcommand("man", summary: "A", flags: [twice, twice]),
                Subcommand("b", summary: "B", flags: [Flag("twice", kind: .toggle, section: "A", help: "Other")]),
                Subcommand(
                    "b", summary: "B", flags: [Flag("Bad", short: "h", placeholder: "X", section: "A", help: "C")]),
                Subcommand(
                    "c", summary: "C",
                    flags: [
                        Flag("chosen", default: "z", choices: ["x", "y"], section: "A", help: "D")
                    ]),
            ])
        let problems = table.problems().joined(separator: "\n")
        for part in [
            "--twice stands twice in man", "b stands twice in p", "man is a command", "different things",
            "-h means two",
            "--Bad: lower case", "no placeholder", "not among the choices", "full stop",
        ] { #expect(problems.contains(part), "\(part)") }
    }
}
