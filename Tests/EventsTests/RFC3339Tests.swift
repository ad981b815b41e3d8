import Events
import Testing

@Suite("RFC 3339")
struct RFC3339Tests {
    @Test(
        "times that are written and read alike",
        arguments: [
            ("1970-01-01T00:00:00.000Z", 0),
            ("1969-12-31T23:59:59.999Z", -1),
            ("2000-02-29T12:00:00.000Z", 951_825_600_000),
            ("1900-03-01T00:00:00.000Z", -2_203_891_200_000),
            ("2100-03-01T00:00:00.000Z", 4_107_542_400_000),
            ("2024-02-29T23:59:59.123Z", 1_709_251_199_123),
            ("1600-02-29T00:00:00.000Z", -11_670_998_400_000),
            ("0000-01-01T00:00:00.000Z", RFC3339.minimum),
            ("9999-12-31T23:59:59.999Z", RFC3339.maximum),
        ] as [(String, Int64)])
    func exact(text: String, time: Int64) {
        #expect(RFC3339.string(milliseconds: time) == text)
        #expect(RFC3339.parse(text) == time)
    }

    @Test(
        "other spellings",
        arguments: [
            ("2026-10-30T08:15:30Z", "2026-10-30T08:15:30.000Z"),
            ("2026-10-30t08:15:30z", "2026-10-30T08:15:30.000Z"),
            ("2026-10-30 08:15:30Z", "2026-10-30T08:15:30.000Z"),
            ("2026-10-30T08:15:30.5+02:00", "2026-10-30T06:15:30.500Z"),
            ("2026-10-30T08:15:30.0079-23:59", "2026-10-31T08:14:30.007Z"),
            ("2026-10-30T08:15:30.123456789Z", "2026-10-30T08:15:30.123Z"),
            ("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00.000Z"),
            ("2016-12-31T23:59:60.9Z", "2017-01-01T00:00:00.000Z"),
            ("2026-10-30T08:15:30-00:00", "2026-10-30T08:15:30.000Z"),
        ])
    func spellings(text: String, canonical: String) throws {
        let time = try #require(RFC3339.parse(text))
        #expect(RFC3339.string(milliseconds: time) == canonical)
    }

    @Test(
        "what is no time",
        arguments: [
            "", "2026-10-30", "2026-10-30T08:15:30", "2026-10-30T08:15Z", "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
            "2026-04-31T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z", "2026-01-01T24:00:00Z",
            "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+24:00",
            "2026-01-01T00:00:00+01:60", "2026-01-01T00:00:00+0100", "2026-01-01T00:00:00Z ", " 2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00ZZ", "+2026-01-01T00:00:00Z", "2026-1-01T00:00:00Z", "２026-01-01T00:00:00Z",
            "2026-01-01T00:00:00.0000000000000000000000000000000000000000000000000000Z", "-001-01-01T00:00:00Z",
        ])
    func refused(text: String) {
        #expect(RFC3339.parse(text) == nil)
    }

    @Test("there and back over every day of 800 years and random times")
    func roundTrip() {
        for day in -146_097...146_097 as ClosedRange<Int64> {
            let time = day * 86_400_000 + 1
            #expect(RFC3339.parse(RFC3339.string(milliseconds: time)) == time)
        }
        var random = SplitMix64(seed: 5)
        for _ in 0..<20_000 {
            let time = Int64.random(in: RFC3339.minimum...RFC3339.maximum, using: &random)
            #expect(RFC3339.parse(RFC3339.string(milliseconds: time)) == time)
        }
    }

    @Test("times beyond four digits of year become the nearest")
    func clamped() {
        #expect(RFC3339.string(milliseconds: .max) == "9999-12-31T23:59:59.999Z")
        #expect(RFC3339.string(milliseconds: .min) == "0000-01-01T00:00:00.000Z")
    }
}
