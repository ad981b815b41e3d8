import Glibc

/// Writes log lines, each with one write(2), so that lines of several threads and processes do not mix.
///
/// A line below the level costs one comparison: message and fields are not even made. A value that any thread may use
/// and copy; ``with(_:)`` makes one that adds fields of its own to every line.
package struct Logger: Sendable {
    /// Takes one finished line, newline included. Any thread may call it, several at a time.
    package typealias Output = @Sendable (UnsafeRawBufferPointer) -> Void

    /// Lines of lower levels are not written.
    package let level: LogLevel
    /// The shape of the lines.
    package let format: LogFormat

    private let context: [LogField]
    private let now: @Sendable () -> Timestamp
    private let output: Output

    /// A logger for standard error, or for an `output` of the caller's own (a console that must first take its
    /// progress bar away). `now` is the wall clock.
    package init(
        level: LogLevel = .info, format: LogFormat = .text, output: @escaping Output = Logger.standardError,
        now: @escaping @Sendable () -> Timestamp = Timestamp.now
    ) {
        self.init(level: level, format: format, context: [], now: now, output: output)
    }

    private init(
        level: LogLevel, format: LogFormat, context: [LogField], now: @escaping @Sendable () -> Timestamp,
        output: @escaping Output
    ) {
        self.level = level
        self.format = format
        self.context = context
        self.now = now
        self.output = output
    }

    /// The same logger, whose lines carry these fields as well.
    package func with(_ fields: [LogField]) -> Logger {
        let kept = context.filter { old in !fields.contains { $0.key == old.key } }
        return Logger(level: level, format: format, context: kept + fields, now: now, output: output)
    }

    /// Whether a line of `level` would be written.
    package func isEnabled(_ level: LogLevel) -> Bool { level >= self.level }

    /// Writes a line, if its level is enabled.
    package func log(
        _ level: LogLevel, _ message: @autoclosure () -> String, _ fields: @autoclosure () -> [LogField] = []
    ) {
        guard isEnabled(level) else { return }
        let line = LogLine.render(
            format: format, time: now(), level: level, message: message(), context: context, fields: fields())
        line.withUnsafeBytes(output)
    }

    /// Writes a line of level debug.
    package func debug(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> [LogField] = []) {
        log(.debug, message(), fields())
    }

    /// Writes a line of level info.
    package func info(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> [LogField] = []) {
        log(.info, message(), fields())
    }

    /// Writes a line of level warning.
    package func warning(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> [LogField] = []) {
        log(.warning, message(), fields())
    }

    /// Writes a line of level error.
    package func error(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> [LogField] = []) {
        log(.error, message(), fields())
    }

    /// Writes to descriptor 2. What cannot be written (a full disk, a closed pipe) is dropped: a log that fails must
    /// not stop the work it tells of.
    package static let standardError: Output = { line in
        while write(STDERR_FILENO, line.baseAddress, line.count) < 0 && errno == EINTR {}
    }
}
