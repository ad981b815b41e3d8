/// Renders one log line, bounded and safe: whatever the values are, it is one line, valid UTF-8, and of printable
/// characters only, so that a hostile header can neither forge a line nor send a terminal escape.
package enum LogLine {
    /// The most bytes of a line with its newline: what a pipe takes in one piece (PIPE_BUF), so lines never mix.
    package static let maximumLength = 4096
    /// The most bytes of a message or a text value before escaping; the rest is cut at a character and marked by "…".
    package static let maximumValueLength = 1024

    /// The line, with its newline. Fields that no longer fit are left out, which `truncated` says. Where `context` and
    /// `fields` have the same key, the value in `fields` counts.
    package static func render(
        format: LogFormat, time: Timestamp, level: LogLevel, message: String, context: [LogField], fields: [LogField]
    ) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(256)
        switch format {
        case .json: beginJSON(&line, time, level, message)
        case .text: beginText(&line, time, level, message)
        }
        let mark = format == .json ? #","truncated":true}"# : " truncated=true"
        let limit = maximumLength - mark.utf8.count - 1
        var isWhole = true
        for field in context where !fields.contains(where: { $0.key == field.key }) {
            isWhole = append(field, format, limit, &line) && isWhole
        }
        for field in fields { isWhole = append(field, format, limit, &line) && isWhole }
        if !isWhole {
            line.append(contentsOf: mark.utf8)
        } else if format == .json {
            line.append(UInt8(ascii: "}"))
        }
        line.append(UInt8(ascii: "\n"))
        return line
    }

    private static func beginJSON(_ line: inout [UInt8], _ time: Timestamp, _ level: LogLevel, _ message: String) {
        line.append(contentsOf: #"{"time":""#.utf8)
        time.append(to: &line)
        line.append(contentsOf: #"","level":""#.utf8)
        line.append(contentsOf: level.rawValue.utf8)
        line.append(contentsOf: #"","message":"#.utf8)
        LogText.appendQuoted(message, limit: maximumValueLength, to: &line)
    }

    private static func beginText(_ line: inout [UInt8], _ time: Timestamp, _ level: LogLevel, _ message: String) {
        time.append(to: &line)
        line.append(UInt8(ascii: " "))
        line.append(contentsOf: level.rawValue.uppercased().utf8)
        for _ in level.rawValue.utf8.count..<8 { line.append(UInt8(ascii: " ")) }
        LogText.appendEscaped(message, limit: maximumValueLength, quotes: false, to: &line)
    }

    /// False, and the line as it was, if the field does not fit.
    private static func append(_ field: LogField, _ format: LogFormat, _ limit: Int, _ line: inout [UInt8]) -> Bool {
        let start = line.count
        switch format {
        case .json:
            line.append(contentsOf: #",""#.utf8)
            line.append(contentsOf: field.key.utf8)
            line.append(contentsOf: #"":"#.utf8)
        case .text:
            line.append(UInt8(ascii: " "))
            line.append(contentsOf: field.key.utf8)
            line.append(UInt8(ascii: "="))
        }
        append(field.value, format, &line)
        guard line.count > limit else { return true }
        line.removeSubrange(start...)
        return false
    }

    private static func append(_ value: LogField.Value, _ format: LogFormat, _ line: inout [UInt8]) {
        switch value {
        case .integer(let number): line.append(contentsOf: String(number).utf8)
        case .boolean(let flag): line.append(contentsOf: (flag ? "true" : "false").utf8)
        case .double(let number) where number.isFinite: line.append(contentsOf: "\(number)".utf8)
        case .double(let number): LogText.appendQuoted("\(number)", limit: maximumValueLength, to: &line)
        case .string(let text) where format == .text && LogText.isPlain(text): line.append(contentsOf: text.utf8)
        case .string(let text): LogText.appendQuoted(text, limit: maximumValueLength, to: &line)
        }
    }
}
