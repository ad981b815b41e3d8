import Testing
import ToolKit

@testable import reprocess_dlq

@Suite("What show covers and how it renders")
struct PersonalDataTests {
    @Test(
        "addresses and secrets are covered, the rest is left",
        arguments: [
            ("customer jane.doe@example.com not found", "customer [email] not found"),
            ("<jane@example.com>,bob@b.org", "<[email]>,[email]"),
            ("jane%40example.com", "[email]"),
            ("j\u{FC}rgen@b\u{FC}cher.de!", "[email]!"),
            ("a @ b", "a @ b"),
            ("@Override", "@Override"),
            ("x@", "x@"),
            ("Authorization: Bearer abc.DEF-123", "Authorization: Bearer [secret]"),
            ("password=hunter2&x=1", "password=[secret]&x=1"),
            ("{\"api_key\": \"k1\", \"n\": 1}", "{\"api_key\": \"[secret]\", \"n\": 1}"),
            ("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc here", "got [secret] here"),
            ("7a9d0c8e-0b5f-4a53-9d0c-000000000001", "7a9d0c8e-0b5f-4a53-9d0c-000000000001"),
            ("java.lang.IllegalStateException: null", "java.lang.IllegalStateException: null"),
            ("", ""),
        ])
    func masked(text: String, expected: String) {
        #expect(PersonalData.masked(text) == expected)
    }

    @Test("dumps cover the bytes of an address, mark the byte that matters and stay bounded")
    func dump() {
        let bytes = [0, 1, 2] + Array("mail jane@example.com".utf8) + [UInt8](repeating: 7, count: 5_000)
        let lines = HexDump.lines(bytes, focus: 40, reveals: false)
        #expect(lines.count <= 18 && lines.contains { $0.hasPrefix(" > 000020") })
        #expect(!lines.joined().contains("jane") && lines.last?.contains("bytes more") == true)
        #expect(HexDump.lines(bytes, focus: nil, reveals: true).joined().contains("jane@exa"))
        #expect(HexDump.lines([], focus: 0, reveals: false).isEmpty)
        #expect(HexDump.lines(bytes, focus: 5_023, reveals: false).first?.contains("bytes before") == true)
    }

    @Test(
        "decimals of two's complement",
        arguments: [
            ([0x00], 2, "0.00"), ([0x01], 0, "1"), ([0xFF], 2, "-0.01"), ([0x80], 0, "-128"),
            ([0x04, 0xD2], 2, "12.34"),
            ([0xFB, 0x2E], 2, "-12.34"),
            ([0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], 3, "2361183241434822606.847"),
        ] as [([UInt8], Int, String)])
    func decimals(bytes: [UInt8], scale: Int, expected: String) {
        #expect(AvroLogicalText.decimal(bytes, scale: scale) == expected)
    }

    @Test("a counter keeps what is frequent, and says when it no longer counts exactly")
    func counter() {
        var counter = LabelCounter<Int>(limit: 100)
        for number in 0..<50_000 {
            counter.add(number + 10)
            counter.add(number % 2)
        }
        let ranking = counter.largest(2) { "\($0)" }
        #expect(ranking.entries.map(\.text) == ["0", "1"] && ranking.entries.allSatisfy { $0.count == 25_000 })
        #expect(!ranking.isExact && ranking.entries.reduce(ranking.otherCount) { $0 + $1.count } == 100_000)
        #expect(counter.counts.count <= 100)
        var exact = LabelCounter<String>()
        for label in ["b", "a", "b", "c"] { exact.add(label) }
        #expect(exact.largest(2) { $0 }.entries.map(\.text) == ["b", "a"])
        #expect(exact.isExact && exact.total == 4)
    }

    @Test("every time has an age, however far from any clock it is")
    func ages() {
        let now: Int64 = 1_764_547_200_000
        let times: [(Int64, String)] = [
            (.min, "over 30 days"), (-1, "over 30 days"), (now - 3_600_000, "1 to 6 hours"), (now, "under 1 hour"),
            (now + 59_000, "under 1 hour"), (now + 61_000, "in the future"), (.max, "in the future"),
        ]
        for (time, name) in times {
            #expect(ListAge.buckets[ListAge.bucket(of: time, now: now)].name == name, "\(time)")
        }
    }

    @Test("words for completions are harmless to a shell")
    func words() {
        for word in ["gamification.dlq", "a-b_c", "g:1@x+y=z,w"] { #expect(CompleteCommand.isSafe(word)) }
        for word in ["", "$(id)", "`id`", "a b", "a\nb", "x;y", "'", "\u{1B}", "*"] {
            #expect(!CompleteCommand.isSafe(word))
        }
    }
}
