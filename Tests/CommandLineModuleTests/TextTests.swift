import Configuration
import Testing

@testable import CommandLine

@Suite struct TextTests {
    private let narrow = TextStyle(width: 40, hasColour: false, isUnicode: true)

    @Test(arguments: [
        ("", 0), ("abc", 3), ("ä", 1), ("e\u{301}", 1), ("日本", 4), ("한국", 4), ("\u{1112}\u{1161}\u{11AB}", 2),
        ("ｶﾅ", 2),
        ("Ａ", 2), ("🎉", 2), ("👩‍👩‍👧", 2), ("🇩🇪", 2), ("❤️", 2), ("1️⃣", 2), ("a\u{200D}b", 2), ("…", 1), ("█", 1),
        ("नी", 2), ("\u{200B}", 0),
    ])
    func columns(_ text: String, _ columns: Int) { #expect(DisplayWidth.columns(text) == columns) }

    @Test func cuttingKeepsWithinTheLimit() {
        for text in ["abcdef", "日本語日本語", "a日b本c語", "👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧"] {
            for limit in 0...14 {
                let cut = DisplayWidth.cut(text, to: limit)
                #expect(DisplayWidth.columns(cut) <= limit)
                #expect(cut == text || cut.hasSuffix("…") || limit == 0)
            }
        }
        #expect(DisplayWidth.padded("日", to: 4) == "日  ")
        #expect(DisplayWidth.padded("日", to: 4, isRight: true) == "  日")
    }

    static let hostile = [
        "\u{1B}[2J\u{1B}]0;owned\u{7}", "a\rb", "a\nb", "a\u{8}b", "\u{9B}31m", "\u{202E}txt.exe", "\u{2066}x",
        "x" + String(repeating: "\u{301}", count: 500), "\u{FEFF}x", "\u{2028}", "\u{E0001}", "\u{7F}", "\u{0}", "\t",
    ]

    @Test(arguments: hostile)
    func hostileTextNeverReachesTheTerminalRaw(_ text: String) {
        var table = TextTable([.text("REASON"), .number("COUNT")])
        table.add([text, "1"])
        let chart = BarChart(text, [.init(text, 3)])
        for output in [
            table.text(narrow), chart.text(narrow), TerminalFilter.filtered(text), PrintableText.escaped(text),
            JSONValue.string(text).line,
        ] {
            #expect(output.unicodeScalars.allSatisfy { $0 == "\n" || PrintableText.isHarmless($0) })
        }
        #expect(table.text(narrow).split(separator: "\n", omittingEmptySubsequences: false).count == 2)
        #expect(PrintableText.escaped(text).unicodeScalars.count < 60)
    }

    @Test func harmlessTextStaysAsItIs() {
        for text in ["plain", "Grüße", "日本語", "👩‍👩‍👧", "می‌خواهم", "क्षि", "a\u{300}\u{301}"] {
            #expect(PrintableText.escaped(text) == text)
            #expect(TerminalFilter.filtered(text) == text)
        }
        #expect(PrintableText.escaped("abcdef", limit: 3) == "abc…")
        #expect(PrintableText.quoted("it\n") == "'it\\n'")
        #expect(TerminalFilter.filtered("\u{1B}[31mred\u{1B}[0m\n") == "\u{1B}[31mred\u{1B}[0m\n")
        #expect(TerminalFilter.filtered("\u{1B}[8mhidden") == "\\u{1B}[8mhidden")
    }

    @Test func columnsAreAligned() {
        var table = TextTable([.text("TOPIC"), .number("COUNT"), .text("NOTE")])
        table.add(["日本", "5", "x"])
        table.add(["points.earned", "1,234"])
        table.add(["a", "b", "c", "d"])
        #expect(
            table.text(.plain) == """
                TOPIC          COUNT  NOTE
                日本               5  x
                points.earned  1,234
                a                  b  c
                """)
    }

    @Test func tablesFitTheirTerminal() {
        var table = TextTable([.text("A"), .number("N"), .text("B")])
        table.add([String(repeating: "long words ", count: 20), "123", "short"])
        table.add([String(repeating: "日本", count: 50), "4", String(repeating: "b", count: 30)])
        for width in 25...120 {
            let style = TextStyle(width: width, hasColour: false, isUnicode: true)
            for line in table.text(style).split(separator: "\n") {
                #expect(DisplayWidth.columns(line) <= width, "\(width): \(line)")
            }
        }
        // Numbers are never cut, however narrow it is.
        #expect(table.text(TextStyle(width: 10, hasColour: false, isUnicode: false)).contains("123"))
        #expect(!table.text(TextStyle(width: 30, hasColour: false, isUnicode: false)).contains("…"))
    }

    @Test func charts() {
        let items = [BarChart.Item("schema.unknown", 1_200), .init("avro.malformed", 300), .init("internal", 1)]
        #expect(
            BarChart("Reasons", items).text(narrow) == """
                Reasons
                  schema.unknown  1,200  79.9%  ██████
                  avro.malformed    300  20.0%  █▌
                  internal            1  <0.1%  ▏
                """)
        let ascii = BarChart("Reasons", items).text(TextStyle(width: 40, hasColour: false, isUnicode: false))
        #expect(ascii.utf8.allSatisfy { $0 < 0x80 } && ascii.contains("######"))
        #expect(
            BarChart.largest(items + [.init("b", 300)], limit: 3)
                == [.init("schema.unknown", 1_200), .init("avro.malformed", 300), .init("other (2 kinds)", 301)])
        #expect(BarChart.largest(items, limit: 3).count == 3)
        #expect(BarChart("Nothing", []).text(narrow) == "Nothing")
    }

    @Test func bars() {
        let style = TextStyle.plain
        for width in [1, 7, 20] {
            for part in 0...30 {
                for style in [style, TextStyle(width: nil, hasColour: false, isUnicode: false)] {
                    #expect(DisplayWidth.columns(Bar.text(part: part, of: 20, width: width, style: style)) == width)
                }
            }
        }
        #expect(Bar.text(part: 0, of: 0, width: 2, style: style) == "  ")
        #expect(Bar.text(part: 1, of: 1_000_000, width: 2, style: style) == "▏ ")
    }

    @Test func numbersForPeople() {
        #expect(HumanText.count(0) == "0")
        #expect(HumanText.count(-1_234_567) == "-1,234,567")
        #expect(HumanText.count(Int64.min) == "-9,223,372,036,854,775,808")
        #expect(HumanText.rate(0) == "0/s")
        #expect(HumanText.rate(4.25) == "4.3/s")
        #expect(HumanText.rate(9.97) == "10/s")
        #expect(HumanText.rate(123_456.7) == "123,457/s")
        #expect(HumanText.rate(.infinity) == "?/s")
        #expect(HumanText.percent(1, of: 0) == "-")
        #expect(HumanText.percent(1, of: 1_000_000) == "<0.1%")
        #expect(HumanText.percent(999_999, of: 1_000_000) == "99.9%")
        #expect(HumanText.percent(5, of: 5) == "100%")
        #expect(HumanText.bytes(1_023) == "1023 B")
        #expect(HumanText.bytes(1_536) == "1.5 KiB")
        #expect(HumanText.bytes(.max) == "8192.0 PiB")
    }

    @Test(arguments: [
        (Duration.milliseconds(350), "350ms"), (.milliseconds(4_250), "4.2s"), (.seconds(59), "59s"),
        (.seconds(185), "3m 05s"), (.seconds(7_800), "2h 10m"), (.seconds(1_047_600), "12d 3h"), (.seconds(-5), "0s"),
    ])
    func durationsForPeople(_ duration: Duration, _ text: String) { #expect(HumanText.duration(duration) == text) }

    @Test func ages() {
        let now = TimePoint(milliseconds: 1_000_000)
        #expect(HumanText.age(TimePoint(milliseconds: 815_000), now: now) == "3m 05s ago")
        #expect(HumanText.age(TimePoint(milliseconds: 1_030_000), now: now) == "in 30s")
        #expect(HumanText.age(TimePoint(milliseconds: .min), now: now) == "?")
    }

    @Test func json() {
        let value: JSONValue = [
            "z": 1, "a": ["x", nil, true, .number(1.5), .number(.nan)], "empty": [], "none": .object([]),
            "text": "q\"\\\n\u{1}\u{9F}\u{202E}\u{E0001}é",
        ]
        #expect(
            value.line
                == #"{"z":1,"a":["x",null,true,1.5,null],"empty":[],"none":{},"text":"q\"\\\n\u0001\u009f\u202e\udb40\udc01é"}"#
        )
        #expect(
            JSONValue.object([.init("a", [1, 2]), .init("b", [])]).document
                == "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": []\n}")
        #expect(value["z"] == 1)
        #expect(value["q"] == nil)
        #expect(JSONValue(Int.max).line == "9223372036854775807")
        #expect(JSONValue(nil as String?) == .null)
    }

    @Test func nearestNames() {
        let names = ["topic", "to", "until", "rate", "bootstrap-servers"]
        #expect(Nearest.match("tpoic", among: names) == "topic")
        #expect(Nearest.match("boot", among: names) == "bootstrap-servers")
        #expect(Nearest.match("Rate", among: names) == "rate")
        #expect(Nearest.match("xyz", among: names) == nil)
        #expect(Nearest.match("", among: names) == nil)
        #expect(Nearest.match(String(repeating: "t", count: 1_000), among: names) == nil)
    }
}
