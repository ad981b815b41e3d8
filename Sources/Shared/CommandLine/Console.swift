package import Configuration
import Glibc
import Synchronization

/// The program's standard streams: results go to standard output, everything else to standard error. Only this type
/// writes to either.
///
/// Any thread may use it; calls are short but block while the terminal or pipe takes no more. Text from outside is
/// escaped on its way (`TerminalFilter`), so no record can steer the terminal.
package final class Console: Sendable {
    /// The style of standard output.
    package let outputStyle: TextStyle
    /// The style of standard error.
    package let errorStyle: TextStyle
    /// Whether standard error is a terminal on which a line can be drawn again.
    let canRedraw: Bool
    /// Monotonic time since any fixed moment.
    let now: @Sendable () -> Duration
    let environment: Environment
    let input: CInt
    let errorDescriptor: CInt
    private let streams: Mutex<Streams>

    /// The two writers and the progress line that stands on the terminal at the moment.
    private struct Streams {
        var output: DescriptorWriter
        var errors: DescriptorWriter
        var progress: String?
        /// Whether the one document of this call has been written.
        var hasDocument = false
    }

    /// A console on these descriptors, which stay open as long as it lives; tests give pipes and pseudo terminals.
    package init(
        input: CInt, output: CInt, errors: CInt, environment: Environment, now: @escaping @Sendable () -> Duration
    ) {
        self.input = input
        self.environment = environment
        self.now = now
        errorDescriptor = errors
        outputStyle = Terminal.style(output, environment)
        errorStyle = Terminal.style(errors, environment)
        canRedraw = Terminal.isInteractive(errors, environment)
        // A terminal shows results as they come; into a pipe larger pieces are cheaper.
        let capacity = isatty(output) == 1 ? 0 : 65_536
        streams = Mutex(
            Streams(
                output: DescriptorWriter(descriptor: output, capacity: capacity),
                errors: DescriptorWriter(descriptor: errors, capacity: 0)))
    }

    /// The console of this process. Call it once, first thing in main: it makes a broken pipe an error of the write
    /// instead of a signal, and keeps the numbers of closed standard descriptors from being given to other files.
    package static func standard(environment: Environment = .process()) -> Console {
        Terminal.prepareStandardDescriptors()
        return Console(input: 0, output: 1, errors: 2, environment: environment, now: MonotonicTime.now)
    }

    /// Writes `text` and a line break to standard output.
    /// - Throws: `OutputError` if it could not be written, at once on a terminal, else possibly at a later call or at
    ///   `flush()`.
    package func result(_ text: String) throws(OutputError) { try write(text + "\n") }

    /// Writes `value` as a document of several lines to standard output. A call has one: a second is left out, for one
    /// thread may end the program while another is about to report.
    package func result(json value: JSONValue) throws(OutputError) {
        let isFirst = streams.withLock { streams in
            defer { streams.hasDocument = true }
            return !streams.hasDocument
        }
        if isFirst { try write(value.document + "\n") }
    }

    /// Writes `value` as one line of a stream to standard output.
    package func result(jsonLine value: JSONValue) throws(OutputError) { try write(value.line + "\n") }

    /// Hands results kept back to the system, for streams that somebody reads along.
    package func flush() throws(OutputError) {
        try streams.withLock { streams throws(OutputError) in try streams.output.flush() }
    }

    /// Writes a line to standard error. A failure is not reported: there is no stream left for it.
    package func note(_ text: String) { say(text) }

    /// Writes `warning: text` to standard error.
    package func warning(_ text: String) { say("\(errorStyle.yellow("warning:")) \(text)") }

    /// Writes `error: text` to standard error.
    package func error(_ text: String) { say("\(errorStyle.red("error:")) \(text)") }

    /// Ends the output: hands on what was kept back, and says on standard error if that failed.
    /// - Returns: `code`, or what it becomes because results are missing (`failed` in place of `done` and `partial`).
    package func finish(_ code: ExitCode) -> ExitCode {
        do throws(OutputError) {
            try flush()
            return code
        } catch {
            self.error(error.description)
            return ExitCode.most(of: [code, .failed])
        }
    }

    /// Draws `line` as the progress line in place of the one before; nil takes it away.
    func draw(progress line: String?) {
        streams.withLock { streams in
            guard canRedraw, line != streams.progress else { return }
            streams.progress = line
            // Return, the text, erase to the end of the line: nothing flickers.
            try? streams.errors.write("\r" + (line.map(TerminalFilter.filtered) ?? "") + "\u{1B}[K")
        }
    }

    /// What turns a terminal to a screen of its own, and what brings back what was there.
    package static let screenOpening: StaticString = "\u{1B}[?1049h\u{1B}[?25l"
    /// What brings back what was there before `screenOpening`.
    package static let screenClosing: StaticString = "\u{1B}[?25h\u{1B}[?1049l"

    /// Turns the terminal of standard output to a screen of its own, on which `draw(screen:)` draws; `closeScreen` brings
    /// back what was there. Nothing else may be written in between.
    package func openScreen() throws(OutputError) { try writeRaw("\(Self.screenOpening)") }

    /// Brings back what was on the terminal before `openScreen`.
    package func closeScreen() { try? writeRaw("\(Self.screenClosing)") }

    /// Draws these lines in place of what is on the screen, as many as it has room for, each cut at its edge.
    package func draw(screen lines: [String]) throws(OutputError) {
        let rows = Terminal.rows(1) ?? 24
        let columns = Terminal.width(1, environment) ?? 80
        // From the upper left corner, each line erased to its end, then all below: nothing flickers.
        let text = lines.prefix(max(1, rows - 1)).map {
            TerminalFilter.cut(TerminalFilter.filtered($0), to: columns) + "\u{1B}[K\r\n"
        }.joined()
        try writeRaw("\u{1B}[H\(text)\u{1B}[J")
    }

    private func writeRaw(_ text: String) throws(OutputError) {
        try streams.withLock { streams throws(OutputError) in
            try streams.output.write(text)
            try streams.output.flush()
        }
    }

    /// Writes to standard error without a line break, for questions.
    func prompt(_ text: String) {
        streams.withLock { streams in
            clearProgress(&streams)
            try? streams.errors.write(TerminalFilter.filtered(text))
        }
    }

    private func write(_ text: String) throws(OutputError) {
        try streams.withLock { streams throws(OutputError) in
            let isShared = outputStyle.width != nil
            if isShared { clearProgress(&streams) }
            try streams.output.write(TerminalFilter.filtered(text))
            if isShared { restoreProgress(&streams) }
        }
    }

    private func say(_ text: String) {
        streams.withLock { streams in
            clearProgress(&streams)
            try? streams.errors.write(TerminalFilter.filtered(text) + "\n")
            restoreProgress(&streams)
        }
    }

    private func clearProgress(_ streams: inout Streams) {
        if streams.progress != nil { try? streams.errors.write("\r\u{1B}[K") }
    }

    private func restoreProgress(_ streams: inout Streams) {
        if let line = streams.progress { try? streams.errors.write(TerminalFilter.filtered(line)) }
    }
}

/// The monotonic clock.
enum MonotonicTime {
    /// Time since the machine started.
    @Sendable static func now() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
