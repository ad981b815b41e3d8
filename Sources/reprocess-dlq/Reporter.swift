import CommandLine
import Kafka
import Observability

/// What a command has to say beside its results: sentences for people, or JSON lines for a log collector, both on
/// standard error. Any thread.
struct Reporter: Sendable {
    let console: Console
    private let level: LogLevel
    /// Nil writes plain sentences.
    private let logger: Logger?

    init(console: Console, level: LogLevel, format: LogFormat, run: String? = nil) {
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

    func info(_ text: String) { say(.info, text) { console.note($0) } }

    func warning(_ text: String) { say(.warning, text) { console.warning($0) } }

    func error(_ text: String) { say(.error, text) { console.error($0) } }

    /// librdkafka's own lines.
    func kafka(_ line: KafkaLogLine) {
        // What matters of it comes again as an error with advice.
        say(.debug, "librdkafka \(line.facility): \(line.message)") { console.note($0) }
    }

    private func say(_ severity: LogLevel, _ text: String, _ plain: (String) -> Void) {
        guard severity >= level else { return }
        if let logger { logger.log(severity, text) } else { plain(text) }
    }
}

/// `--log-level` and `--log-format`.
struct LogOptions: Sendable {
    let level: LogLevel
    let format: LogFormat

    init(_ reader: inout OptionReader) {
        level = reader.choice(.logLevel, as: LogLevel.self, placeholder: .info)
        format = reader.choice(.logFormat, as: LogFormat.self, placeholder: .text)
    }
}
