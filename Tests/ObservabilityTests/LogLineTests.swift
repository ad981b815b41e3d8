import Foundation
import Observability
import Testing

private func line(
    _ format: LogFormat, _ message: String, _ fields: [LogField] = [], context: [LogField] = [],
    level: LogLevel = .info
) -> String {
    let bytes = LogLine.render(
        format: format, time: Timestamp(milliseconds: 1_700_000_000_123), level: level, message: message,
        context: context, fields: fields)
    return String(decoding: bytes, as: UTF8.self)
}

private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
}

/// Texts that try to break a line, forge one, or drive a terminal.
private let hostile = [
    "", " ", "\"", "\\", "\\\"", "a\nb", "a\r\nb", "\u{0}", "\u{1b}[2J", "\u{7f}", "\u{85}", "\u{9b}31m", "\u{2028}",
    "\u{202e}evil", "\u{feff}", "{\"level\":\"error\"}", "x=y", "é👩‍👩‍👧", "\u{10ffff}",
    "2023-11-14T22:13:20.123Z ERROR   forged",
    String(repeating: "\u{1}", count: 5000), String(repeating: "\"", count: 5000), String(repeating: "👩", count: 5000),
]

@Suite("Log lines")
struct LogLineTests {
    @Test("Text")
    func text() {
        #expect(
            line(
                .text, "parked",
                [
                    .topic("gamification.dlq"), .partition(3), .offset(42), .string("why", "no origin"),
                    .boolean("ok", false),
                ])
                == "2023-11-14T22:13:20.123Z INFO    parked topic=gamification.dlq partition=3 offset=42 "
                + "why=\"no origin\" ok=false\n")
        #expect(line(.text, "", [.string("empty", "")], level: .warning).hasSuffix("WARNING  empty=\"\"\n"))
    }

    @Test("JSON")
    func jsonLine() throws {
        let text = line(
            .json, "parked",
            [
                .merchantID("m1"), .customerID("c1"), .eventType("PointsAwarded"), .locale("de-DE"), .offset(.max),
                .double("ratio", 0.5), .double("bad", .nan), .duration(seconds: 1.5), .integer("big", UInt64.max),
            ], level: .error)
        #expect(
            text.hasPrefix(
                #"{"time":"2023-11-14T22:13:20.123Z","level":"error","message":"parked","merchant_id":"m1","#))
        let object = try json(text)
        #expect(object["offset"] as? Int64 == .max)
        #expect(object["ratio"] as? Double == 0.5)
        #expect(object["bad"] as? String == "nan")
        #expect(object["locale"] as? String == "de-DE")
        #expect(object["big"] as? Int64 == .max)
        #expect(object["truncated"] == nil)
    }

    @Test("A field wins over the context's", arguments: LogFormat.allCases)
    func override(format: LogFormat) {
        let text = line(format, "m", [.topic("new")], context: [.topic("old"), .group("g")])
        #expect(text.contains("new") && !text.contains("old") && text.contains("group"))
    }

    @Test("Hostile text stays one bounded line of printable characters", arguments: hostile)
    func hostileText(text: String) throws {
        for format in LogFormat.allCases {
            let rendered = line(format, text, [.string("value", text), .topic(text)], context: [.group(text)])
            #expect(rendered.utf8.count <= LogLine.maximumLength)
            #expect(rendered.unicodeScalars.filter { $0 == "\n" }.count == 1)
            #expect(rendered.hasSuffix("\n"))
            let escapes = rendered.unicodeScalars.dropLast().filter {
                $0.value < 0x20 || (0x7f...0x9f).contains($0.value) || [0x2028, 0x202e, 0xfeff].contains($0.value)
            }
            #expect(escapes.isEmpty)
        }
        let object = try json(line(.json, text, [.string("value", text)]))
        let value = try #require(object["value"] as? String)
        #expect(value == text || (value.hasSuffix("…") && text.hasPrefix(value.dropLast())))
        #expect(object["message"] as? String == value)
    }

    @Test("Too many fields are left out, and the line says so", arguments: LogFormat.allCases)
    func tooMany(format: LogFormat) throws {
        let fields = (0..<500).map { LogField.integer("field_\($0)", $0) }
        let text = line(format, String(repeating: "m", count: 9000), fields)
        #expect(text.utf8.count <= LogLine.maximumLength)
        #expect(text.contains("field_0") && !text.contains("field_499"))
        if format == .json { #expect(try json(text)["truncated"] as? Bool == true) }
        if format == .text { #expect(text.hasSuffix(" truncated=true\n")) }
    }

    @Test("A key that would break a line is a fault of the program")
    func badKey() async {
        await #expect(processExitsWith: .failure) { _ = LogField.string("a b", "") }
        await #expect(processExitsWith: .failure) { _ = LogField.string("level", "") }
        await #expect(processExitsWith: .failure) { _ = LogField.string("", "") }
    }
}

@Suite("Timestamps")
struct TimestampTests {
    @Test(
        "They agree with the calendar",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (Int64.max, "9999-12-31T23:59:59.999Z"),
            (Int64.min, "0000-01-01T00:00:00.000Z"),
        ])
    func calendar(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
    }

    @Test("They agree with Foundation on days of four centuries")
    func differential() {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        for day in stride(from: -40_000, to: 110_000, by: 97) {
            let milliseconds = Int64(day) * 86_400_000 + 45_296_789
            let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
            #expect(Timestamp(milliseconds: milliseconds).description == formatter.string(from: date))
        }
    }
}
