package import CommandLine
package import Kafka
package import Observability

/// What a command has to say beside its results: sentences for people, or JSON lines for a log collector, both on
/// standard error. Any thread.
package struct Reporter: Sendable {
    /// Where it is written.
    package let console: Console
    private let level: LogLevel
    /// Nil writes plain sentences.
    private let logger: Logger?

    /// - Parameter run: the run's name, part of every JSON line.
    package init(console: Console, level: LogLevel, format: LogFormat, run: String? = nil) {
        self.console = console
        self.level = level
        guard format == .json else {
            logger = nil
            return
        }
        let plain = Logger(level: level, format: format) { line in
            console.note(String(decoding: line.dropLast(), as: UTF8.self))
        }
        logger = run.map { plain.with([.string("run", $0)]) } ?? plain
    }

    /// Says what goes on.
    package func info(_ text: String) { say(.info, text) { console.note($0) } }

    /// Says what may be a mistake.
    package func warning(_ text: String) { say(.warning, text) { console.warning($0) } }

    /// Says what went wrong.
    package func error(_ text: String) { say(.error, text) { console.error($0) } }

    /// Writes what a command came to, and says why it ended early: see `Console.conclude`.
    package func conclude(
        error: String?, isJSON: Bool, document: @autoclosure () -> JSONValue, text: @autoclosure () -> String?
    ) {
        console.conclude(
            error: error, isJSON: isJSON, document: document(), text: text(), complain: { self.error($0) })
    }

    /// librdkafka's own lines.
    package func kafka(_ line: KafkaLogLine) {
        // What matters of it comes again as an error with advice.
        say(.debug, "librdkafka \(line.facility): \(line.message)") { console.note($0) }
    }

    private func say(_ severity: LogLevel, _ text: String, _ plain: (String) -> Void) {
        guard severity >= level else { return }
        if let logger { logger.log(severity, text) } else { plain(text) }
    }
}

/// `--log-level` and `--log-format`.
package struct LogOptions: Sendable {
    /// The least severe line that is written.
    package let level: LogLevel
    /// Sentences or JSON lines.
    package let format: LogFormat

    /// Reads the flags, noting every mistake in `reader`.
    package init(_ reader: inout OptionReader) {
        level = reader.choice(.logLevel, as: LogLevel.self, placeholder: .info)
        format = reader.choice(.logFormat, as: LogFormat.self, placeholder: .text)
    }
}
