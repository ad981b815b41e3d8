import CommandLine
import Configuration
import Events
import Kafka
import Redrive

/// What `show` shows to people.
extension ShowOutcome {
    /// Several lines, without a break at the end.
    func text(_ style: TextStyle) -> String {
        guard let record else { return "" }
        let place = "\(options.queue.topic) \(options.partition):\(options.offset)"
        var parts = [
            (["\(style.bold(place)) on cluster \(clusterID ?? "?")"] + facts(record, style)).joined(separator: "\n")
        ]
        if let message = record.errorMessage { parts.append(error(message, record, style)) }
        parts += headers(record, style)
        parts.append(body(record, style))
        return parts.joined(separator: "\n\n")
    }

    private func facts(_ record: ShowRecord, _ style: TextStyle) -> [String] {
        var lines: [String] = []
        func add(_ label: String, _ text: String, isWarning: Bool = false) {
            lines += fact(label, text, isWarning: isWarning, style)
        }
        let letter = record.letter
        add("timestamp", timestamp(record))
        add("key", BytesText.line(record.key, limit: 200, reveals: options.reveals))
        if let origin = letter.origin {
            let dialect = letter.dialect.map { ", by its \($0) headers" } ?? ""
            add("origin", "\(origin.topic) \(origin.partition):\(origin.offset)\(dialect)")
        } else {
            add("origin", "none that could be read", isWarning: true)
        }
        if let time = letter.originTimestamp { add("happened", instant(time)) }
        if let failure = failure(record) { add("failed", failure) }
        if let group = record.consumerGroup {
            add("consumer", BytesText.line(group, limit: 200, reveals: options.reveals))
        }
        add("redriven", "\(letter.retryCount) times, of at most \(options.queue.maximumRetries)")
        for (name, count) in record.attempts { add("attempts", "\(count), by \(name.text); not counted as retries") }
        add("state", state)
        add("a drain", plan, isWarning: action != "redrive" && isDone != true)
        if let objection = record.objection { add("refused", "\(objection)", isWarning: true) }
        for conflict in record.conflicts { add("conflict", "\(conflict)", isWarning: true) }
        return lines
    }

    /// A label and its text, on as many lines as a terminal needs.
    private func fact(_ label: String, _ text: String, isWarning: Bool, _ style: TextStyle) -> [String] {
        let text = PrintableText.escaped(text)
        let width = 13
        let wrapped = style.width.map { TextWrap.lines(text, width: max(20, $0 - width)) } ?? [text]
        return wrapped.enumerated().map { index, line in
            "  \(DisplayWidth.padded(index == 0 ? label : "", to: width - 2))\(isWarning ? style.yellow(line) : line)"
        }
    }

    private func instant(_ milliseconds: Int64) -> String {
        let time = RFC3339.string(milliseconds: milliseconds)
        return "\(time) (\(HumanText.age(TimePoint(milliseconds: milliseconds), now: now)))"
    }

    private func timestamp(_ record: ShowRecord) -> String {
        switch record.timestampType {
        case .none: "none"
        case .createTime: instant(record.timestamp)
        case .logAppendTime: "\(instant(record.timestamp)), written by the broker"
        }
    }

    private func failure(_ record: ShowRecord) -> String? {
        var parts: [String] = []
        if let code = record.letter.errorCode { parts.append(code.rawValue) }
        if let name = record.exceptionClass {
            parts.append(BytesText.line(name, limit: 200, reveals: options.reveals))
        }
        if let time = record.letter.firstFailedAt { parts.append("first \(instant(time))") }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    private var state: String {
        if isUnstable { return "held back: it belongs to, or stands behind, an open transaction" }
        return switch isDone {
        case true?: "done: a drain has dealt with it"
        case false?: "not done"
        case nil: "not known: the progress cannot be followed"
        }
    }

    private var plan: String {
        if isDone == true { return "leaves it alone, because it is done" }
        let what =
            switch action {
            case "redrive": "redrives it to \(destination ?? "?")"
            case "park": "parks it in \(destination ?? "?"): \(reason ?? "?")"
            default: "leaves it"
            }
        return explanation.map { "\(what); \($0)" } ?? what
    }

    private func error(_ message: [UInt8], _ record: ShowRecord, _ style: TextStyle) -> String {
        let text = BytesText.line(message, limit: 2_000, reveals: options.reveals)
        let width = min(style.width ?? 80, 100) - 2
        return ([style.bold("Error")] + TextWrap.lines(text, width: width).map { "  " + $0 }).joined(separator: "\n")
    }

    // MARK: - Headers

    private func headers(_ record: ShowRecord, _ style: TextStyle) -> [String] {
        guard record.headersAreReadable else { return [style.bold("Headers") + "\n  cannot be read"] }
        if record.headers.isEmpty { return [style.bold("Headers") + "\n  none"] }
        var groups: [String] = []
        for dialect in Dialect.allCases.map({ Optional($0) }) + [nil] {
            let own = record.headers.filter { $0.dialect == dialect }
            guard !own.isEmpty else { continue }
            groups.append(group(dialect.map { "Headers of \($0)" } ?? "Other headers", own, style))
        }
        return groups
    }

    private func group(_ title: String, _ headers: [ShowRecord.Header], _ style: TextStyle) -> String {
        let limit = 100
        let names = headers.prefix(limit).map { BytesText.line($0.name, limit: 80, reveals: options.reveals) }
        let width = min(names.map { DisplayWidth.columns($0) }.max() ?? 0, 44)
        var lines = [style.bold(title)]
        for (header, name) in zip(headers, names) {
            let value = headerText(header)
            let line = "  \(DisplayWidth.padded(name, to: width))  \(value)"
            lines.append(
                style.width.map { DisplayWidth.cut(line, to: $0, ellipsis: style.isUnicode ? "…" : "~") } ?? line)
        }
        if headers.count > limit { lines.append("  and \(headers.count - limit) more") }
        return lines.joined(separator: "\n")
    }

    private func headerText(_ header: ShowRecord.Header) -> String {
        if let number = header.number { return "\(number) (\(header.value?.count ?? 0)-byte number)" }
        return BytesText.line(header.value, limit: 300, reveals: options.reveals)
    }

    // MARK: - Body

    private func body(_ record: ShowRecord, _ style: TextStyle) -> String {
        let size =
            "\(HumanText.count(record.body?.count ?? 0)) bytes"
            + (record.fetchedBody == nil ? "" : " fetched from the origin, the dead letter has none")
        let dump = { (focus: Int?) in
            HexDump.lines(record.body ?? [], focus: focus, reveals: options.reveals).map { "\n" + $0 }.joined()
        }
        switch body {
        case .none: return style.bold("Body") + "\n  none: the value is null, and the origin does not have it any more"
        case .notDecoded(let id):
            let schema = id.map { ", schema id \($0)" } ?? ""
            return style.bold("Body: \(size)\(schema), not decoded without --schema-registry") + dump(nil)
        case .undecodable(let id, let reason, let place):
            let schema = id.map { ", schema id \($0)" } ?? ""
            let position = place.map { "; that is byte \($0) of the value" } ?? ""
            return style.bold("Body: \(size)\(schema), cannot be decoded")
                + "\n  \(style.red(PrintableText.escaped(reason + position)))" + dump(place)
        case .decoded(let id, let schema, let value, let isCut):
            var lines = [style.bold("Body: \(PrintableText.escaped(schema)), schema id \(id), \(size)")]
            lines += ValueLines.lines(value)
            if isCut { lines.append("  … more than \(HumanText.count(ShowBody.limit)) values; the rest is left out") }
            return lines.joined(separator: "\n")
        }
    }
}

extension ShowRecord.Header {
    /// The number in a header that holds one in binary.
    var number: Int64? {
        guard let form = known?.numberForm, let value, BytesText.text(value) == nil || form != .text else { return nil }
        return value.withUnsafeBytes { form.read($0) }
    }
}
