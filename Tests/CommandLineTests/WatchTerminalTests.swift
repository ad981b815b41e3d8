import Glibc
import Kafka
import TestSupport
import Testing

/// `watch` on a terminal: what is drawn fits, and whatever ends it, the terminal is left as it was.
@Suite("watch on a terminal", ScratchKafka.requirement, .timeLimit(.minutes(3)))
struct WatchTerminalTests {
    private static let opening = "\u{1B}[?1049h\u{1B}[?25l"
    private static let closing = "\u{1B}[?25h\u{1B}[?1049l"

    /// A watch under way, and all that it has drawn.
    private final class Watching {
        let terminal: Stream
        let process: ChildProcess
        let modes: [UInt32]
        private(set) var drawn = ""

        init(_ arguments: [String], columns: Int = 80) throws {
            terminal = try Stream.terminal(columns: columns)
            modes = terminal.modes
            process = try ChildProcess(
                [try ProcessRunner.builtBinary(Program.name), "watch"] + arguments,
                environment: Program.clean.merging(["TERM": "xterm-256color"]) { $1 },
                output: .descriptor(terminal.inner))
        }

        /// Takes in what was drawn since.
        func look() { drawn += terminal.written() }

        func draws(_ text: String) async -> Bool {
            await eventually(deadline: 60) {
                look()
                return drawn.contains(text) || !process.isRunning
            }
        }

        func forget() { drawn = "" }

        /// The last whole picture, line by line, without colours.
        var picture: [String] {
            let frames = drawn.split(separator: "\u{1B}[H").filter { $0.hasSuffix("\u{1B}[J") }
            return (frames.last ?? "").split(separator: "\u{1B}[K\r\n").map { line in
                String(line).replacing(#/\x{1B}\[[0-9;]*[mJ]/#, with: "")
            }
        }
    }

    /// Twenty letters of a reason with a long name, watched once a second.
    private func flags(_ label: String) async throws -> [String] {
        let stage = try await Stage.shared(.apacheKafka)
        let topic = try await stage.topic(label)
        let letters = (0..<20).map { number in
            Letters.record(
                Letters.framed(stage.points, Letters.points(number)),
                headers: Letters.headers(offset: number, code: "internal"))
        }
        try await stage.publish(letters, to: topic)
        try await stage.createCompanions(of: topic)
        return [
            "-b", stage.brokers, "--topic", topic, "--replay-topic", "\(topic).replay", "--progress-topic",
            "\(topic).progress", "--no-decode", "--interval", "1s", "--canary-group",
            "a-group-with-a-name-that-is-much-longer-than-any-narrow-terminal-is-wide",
        ]
    }

    enum Ending: String, CaseIterable, Sendable {
        case interrupt, terminate, hangUp, quit, interruptTwice

        var number: Int32 {
            switch self {
            case .interrupt, .interruptTwice: SIGINT
            case .terminate: SIGTERM
            case .hangUp: SIGHUP
            case .quit: SIGQUIT
            }
        }
    }

    @Test("whatever ends it, cursor, screen and modes are as they were", arguments: Ending.allCases)
    func endings(ending: Ending) async throws {
        var arguments = try await flags("watch-\(ending)")
        let silent = try SilentServer()
        // A broker that is silent keeps it busy between the two signals.
        if ending == .interruptTwice { arguments[1] = "127.0.0.1:\(silent.port)" }
        let watching = try Watching(arguments)
        try #require(await watching.draws(ending == .interruptTwice ? "looking" : "By reason"))
        try #require(watching.process.isRunning)
        watching.process.signal(ending.number)
        if ending == .interruptTwice { watching.process.signal(ending.number) }
        let result = try await watching.process.wait(deadline: 60)
        watching.look()
        switch ending {
        case .hangUp, .quit: #expect(result.status == .signalled(ending.number))
        case .interrupt, .terminate, .interruptTwice: #expect(result.status == .exited(128 + ending.number))
        }
        #expect(watching.drawn.hasPrefix(Self.opening))
        #expect(watching.drawn.hasSuffix(Self.closing), "\(watching.drawn.suffix(60).debugDescription)")
        #expect(watching.terminal.modes == watching.modes)
    }

    @Test("suspended it gives the terminal back, and draws again when it goes on")
    func suspended() async throws {
        let watching = try Watching(try await flags("watch-stop"))
        try #require(await watching.draws("By reason"))
        watching.process.signal(SIGTSTP)
        let isBack = await eventually {
            watching.look()
            return watching.drawn.hasSuffix(Self.closing)
        }
        #expect(isBack)
        watching.forget()
        watching.process.signal(SIGCONT)
        #expect(await watching.draws("By reason"))
        #expect(watching.drawn.hasPrefix(Self.opening))
        watching.process.signal(SIGTERM)
        _ = try await watching.process.wait(deadline: 60)
        watching.look()
        #expect(watching.drawn.hasSuffix(Self.closing))
    }

    @Test("no line is wider and no picture higher than the terminal, also when it becomes smaller in mid-run")
    func resized() async throws {
        let watching = try Watching(try await flags("watch-size"), columns: 200)
        try #require(await watching.draws("By age"))
        #expect(watching.picture.contains { $0.count > 80 })
        try watching.terminal.resize(columns: 44, rows: 9)
        let isSmall = await eventually(deadline: 60) {
            watching.look()
            return watching.picture.count <= 8 && watching.picture.allSatisfy { $0.count <= 44 }
        }
        #expect(isSmall, "\(watching.picture)")
        #expect(watching.picture.contains { $0.count == 44 })
        watching.process.signal(SIGTERM)
        _ = try await watching.process.wait(deadline: 60)
    }
}
