import Configuration
import Dispatch
import Glibc
import TestSupport
import Testing

@testable import CommandLine

@Suite struct ConsoleTests {
    init() { signal(SIGPIPE, SIG_IGN) }

    @Test func resultsAndMessagesAreApart() throws {
        let (output, errors) = (try Stream.pipe(), try Stream.pipe())
        let console = Console.test(output: output, errors: errors)
        try console.result("one")
        try console.result(json: ["a": 1])
        try console.result(jsonLine: ["a": [1]])
        console.note("note")
        console.warning("careful \u{1B}[2J")
        console.error("broken")
        #expect(output.written() == "")
        #expect(console.finish(.partial) == .partial)
        #expect(output.written() == "one\n{\n  \"a\": 1\n}\n{\"a\":[1]}\n")
        #expect(errors.written() == "note\nwarning: careful \\u{1B}[2J\nerror: broken\n")
    }

    @Test func aCallWritesOneDocument() throws {
        let output = try Stream.pipe()
        let console = Console.test(output: output, errors: try Stream.pipe())
        try console.result(json: ["a": 1])
        try console.result(json: ["b": 1])
        #expect(console.finish(.done) == .done)
        #expect(output.written() == "{\n  \"a\": 1\n}\n")
    }

    @Test func aTerminalShowsResultsAtOnce() throws {
        let (output, errors) = (try Stream.terminal(), try Stream.pipe())
        let console = Console.test(output: output, errors: errors)
        try console.result("one")
        #expect(output.written() == "one\n")
    }

    @Test func stylesFollowTheTerminal() throws {
        let (terminal, pipe) = (try Stream.terminal(columns: 132), try Stream.pipe())
        func style(_ stream: TestSupport.Stream, _ environment: [String: String]) -> TextStyle {
            Terminal.style(stream.inner, Environment(environment))
        }
        let term = ["TERM": "xterm", "LANG": "en_US.UTF-8"]
        #expect(style(terminal, term) == TextStyle(width: 132, hasColour: true, isUnicode: true))
        #expect(!style(terminal, term.merging(["NO_COLOR": "1"]) { $1 }).hasColour)
        #expect(style(terminal, term.merging(["NO_COLOR": ""]) { $1 }).hasColour)
        #expect(!style(terminal, term.merging(["TERM": "dumb"]) { $1 }).hasColour)
        #expect(!style(terminal, [:]).hasColour)
        #expect(!style(terminal, [:]).isUnicode)
        #expect(!style(terminal, term.merging(["LC_ALL": "C"]) { $1 }).isUnicode)
        #expect(style(terminal, term.merging(["COLUMNS": "50"]) { $1 }).width == 50)
        #expect(style(terminal, term.merging(["COLUMNS": "-4"]) { $1 }).width == 132)
        #expect(
            style(pipe, term.merging(["COLUMNS": "50"]) { $1 })
                == TextStyle(width: nil, hasColour: false, isUnicode: true))
        #expect(style(try Stream.terminal(columns: 0), term).width == 80)
    }

    @Test func aReaderThatWentAwayIsAnError() throws {
        let errors = try Stream.pipe()
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        close(ends[0])
        defer { close(ends[1]) }
        let console = Console(
            input: -1, output: ends[1], errors: errors.inner, environment: Environment([:]), now: { .zero })
        try console.result("kept back")
        #expect(throws: OutputError.closed) { try console.flush() }
        #expect(throws: OutputError.closed) { try console.result("more") }
        #expect(console.finish(.done) == .failed)
        #expect(console.finish(.interrupted) == .interrupted)
        #expect(errors.written().contains("error: standard output was closed by its reader"))
    }

    @Test func aFullDiskIsAnError() throws {
        let errors = try Stream.pipe()
        let full = open("/dev/full", O_WRONLY)
        try #require(full >= 0)
        defer { close(full) }
        let console = Console(
            input: -1, output: full, errors: errors.inner, environment: Environment([:]), now: { .zero })
        // Small results are kept back, so the error may come late, but it comes.
        try console.result("small")
        #expect(throws: OutputError.full) {
            for _ in 0..<10 { try console.result(String(repeating: "x", count: 10_000)) }
        }
        #expect(console.finish(.done) == .failed)
        #expect(errors.written().contains("no space left"))
    }

    @Test func aClosedDescriptorIsAnError() throws {
        let errors = try Stream.pipe()
        let readOnly = open("/dev/null", O_RDONLY)
        defer { close(readOnly) }
        let console = Console(
            input: -1, output: readOnly, errors: errors.inner, environment: Environment([:]), now: { .zero })
        try console.result("x")
        #expect(throws: OutputError.other(EBADF)) { try console.flush() }
    }

    @Test func mistakesAreWrittenToStandardError() throws {
        let (output, errors) = (try Stream.pipe(), try Stream.terminal(columns: 60))
        let console = Console.test(output: output, errors: errors)
        guard case .ended(let code) = console.begin(Sample.table, arguments: ["lst", "--tpic"]) else {
            Issue.record("it began")
            return
        }
        #expect(code == .usage)
        #expect(output.written() == "")
        let text = errors.written()
        #expect(text.contains("lst: unknown command; did you mean list?"))
        #expect(text.hasSuffix("See sample --help\n"))
        for line in text.split(separator: "\n").dropFirst() { #expect(DisplayWidth.columns(line) <= 60) }
        guard case .ended(.done) = console.begin(Sample.table, arguments: ["--version"]) else {
            Issue.record("no version")
            return
        }
        #expect(output.written() == "sample 1.2.3\n")
        guard case .run = console.begin(Sample.table, arguments: ["list"]) else {
            Issue.record("nothing to run")
            return
        }
    }

    @Test func aTerminalShowsProgressInPlace() throws {
        let (output, errors, clock) = (try Stream.pipe(), try Stream.terminal(columns: 100), ManualClock())
        let console = Console.test(output: output, errors: errors, clock: clock)
        let progress = console.progress(.auto, label: "redriving", total: 2_000)
        progress.update(done: 0, total: 2_000)
        #expect(errors.written() == "\rredriving  0 of 2,000                        0%  -/s  ? left\u{1B}[K")
        progress.update(done: 50, total: 2_000)
        #expect(errors.written() == "")
        clock.advance(.seconds(1))
        progress.update(done: 500, total: 2_000, text: "parked 3\u{7}")
        #expect(
            errors.written()
                == "\rredriving  500 of 2,000  █████                 25.0%  500/s  3.0s left  parked 3\\u{7}\u{1B}[K")
        console.warning("in between")
        let between = errors.written()
        #expect(between.hasPrefix("\r\u{1B}[K\u{1B}[33mwarning:\u{1B}[0m in between\nredriving  500"))
        progress.finish()
        #expect(errors.written() == "\r\u{1B}[K")
        progress.update(done: 600, total: 2_000)
        progress.finish()
        console.note("after")
        #expect(errors.written() == "after\n")
        #expect(output.written() == "")
    }

    @Test func progressIsCutToTheTerminal() throws {
        let (output, errors) = (try Stream.pipe(), try Stream.terminal(columns: 30))
        let console = Console.test(output: output, errors: errors)
        let progress = console.progress(.always, label: "redriving", total: 2_000)
        progress.update(done: 1, total: 2_000)
        let line = errors.written().dropFirst().dropLast(3)
        #expect(DisplayWidth.columns(line) <= 29 && line.hasSuffix("…"))
    }

    @Test func aPipeGetsProgressOnlyIfAskedFor() throws {
        let (output, errors, clock) = (try Stream.pipe(), try Stream.pipe(), ManualClock())
        let console = Console.test(output: output, errors: errors, clock: clock)
        for mode in [ProgressMode.auto, .never] {
            let progress = console.progress(mode, label: "x", total: 1)
            clock.advance(.seconds(10))
            progress.update(done: 1, total: 1)
            progress.finish()
        }
        #expect(errors.written() == "")
        let progress = console.progress(.always, label: "reading")
        for _ in 0..<100 {
            clock.advance(.milliseconds(100))
            progress.update(done: 7_000, total: nil)
        }
        progress.finish()
        let lines = errors.written().split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.first == "reading  7,000  1,400/s  5.0s")
    }

    @Test func withoutATerminalAQuestionFailsAtOnce() throws {
        let (input, errors) = (try Stream.pipe(), try Stream.terminal())
        let console = Console.test(input: input, output: errors, errors: errors)
        var asked = 0
        let error = #expect(throws: ConfirmationError.self) {
            // Were it to wait, it would be stopped after a while, with another error.
            try console.confirm("Redrive 5?", isAnswered: false) {
                asked += 1
                return asked > 5
            }
        }
        #expect(error == .notATerminal(question: "Redrive 5?"))
        #expect(error?.description.contains("--yes") == true)
        try console.confirm("Redrive 5?", isAnswered: true)
        #expect(errors.written() == "")
    }

    @Test(arguments: [
        ("y\n", nil), ("YES\n", nil), (" yes \n", nil), ("n\n", ConfirmationError.declined), ("\n", .declined),
        ("yes please\n", .declined), ("\u{4}", .declined), (String(repeating: "y", count: 300) + "\n", .declined),
    ])
    func answers(_ typed: String, _ expected: ConfirmationError?) async throws {
        let terminal = try Stream.terminal()
        let console = Console.test(input: terminal, output: terminal, errors: terminal)
        #expect(try await ask(console, terminal, typed, .yes) == expected)
    }

    @Test func aWordHasToBeTypedExactly() async throws {
        for (typed, expected) in [("gamification.dlq\n", nil), ("y\n", ConfirmationError.declined)] {
            let terminal = try Stream.terminal()
            let console = Console.test(input: terminal, output: terminal, errors: terminal)
            #expect(try await ask(console, terminal, typed, .word("gamification.dlq")) == expected)
        }
    }

    @Test func aSignalEndsTheQuestion() throws {
        let terminal = try Stream.terminal()
        let console = Console.test(input: terminal, output: terminal, errors: terminal)
        #expect(throws: ConfirmationError.interrupted) {
            try console.confirm("Redrive 5?", isAnswered: false, isStopped: { true })
        }
    }

    /// Asks on a thread of its own and types the answer once the question stands there.
    private func ask(
        _ console: Console, _ terminal: TestSupport.Stream, _ typed: String, _ expected: Console.Expected
    ) async throws -> ConfirmationError? {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                DispatchQueue.global().async {
                    var seen = ""
                    _ = eventuallyBlocking {
                        seen += terminal.written()
                        return seen.hasSuffix("] ") || seen.hasSuffix("ahead: ")
                    }
                    terminal.type(typed)
                }
                do throws(ConfirmationError) {
                    try console.confirm("Redrive 5?", expecting: expected, isAnswered: false)
                    continuation.resume(returning: nil)
                } catch {
                    continuation.resume(returning: error)
                }
            }
        }
    }
}
