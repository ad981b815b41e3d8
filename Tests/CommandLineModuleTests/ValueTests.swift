import Configuration
import Testing

@testable import CommandLine

@Suite struct ValueTests {
    private let start = TimePoint(milliseconds: 1_764_504_000_000)  // 2025-11-30T12:00:00Z

    @Test(arguments: [
        ("2025-11-30T12:00:00Z", 1_764_504_000_000), ("2025-11-30T12:00:00z", 1_764_504_000_000),
        ("2025-11-30t12:00:00.5Z", 1_764_504_000_500), ("2025-11-30 13:00:00+01:00", 1_764_504_000_000),
        ("2025-11-30T04:30:00-07:30", 1_764_504_000_000), ("2025-11-30T12:00:00.123456789Z", 1_764_504_000_123),
        ("1970-01-01T00:00:00Z", 0), ("2024-02-29T00:00:00Z", 1_709_164_800_000),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999), ("2000-03-01T00:00:00Z", 951_868_800_000),
        ("-2h", 1_764_496_800_000), ("-1d12h", 1_764_374_400_000), ("-500ms", 1_764_503_999_500),
        ("-0s", 1_764_504_000_000),
        ("now", 1_764_504_000_000),
    ])
    func times(_ text: String, _ milliseconds: Int64) throws {
        #expect(try TimePoint(text, relativeTo: start).milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "-", "2h", "yesterday", "2025-11-30", "2025-11-30T12:00:00", "2025-11-30T12:00Z", "2025-02-29T00:00:00Z",
        "2025-13-01T00:00:00Z", "2025-00-01T00:00:00Z", "2025-01-32T00:00:00Z", "2025-01-01T24:00:00Z",
        "2025-01-01T00:60:00Z", "2025-01-01T00:00:60Z", "2025-01-01T00:00:00+1:00", "2025-01-01T00:00:00+24:00",
        "2025-01-01T00:00:00Z ", "1969-12-31T23:59:59Z", "2025-01-01T00:00:00.Z", "2025-01-01T00:00:00.1234567890Z",
        "-2x", "-h", "-2h3d", "-99999999999d", "-9999999999999999999h", "٢025-01-01T00:00:00Z", "-٢h",
    ])
    func wrongTimes(_ text: String) {
        #expect(throws: ValueError.self) { try TimePoint(text, relativeTo: start) }
    }

    @Test func aTimeWithoutZoneIsToldSo() {
        let error = #expect(throws: ValueError.self) { try TimePoint("2025-11-30T12:00:00", relativeTo: start) }
        #expect(error?.description.contains("no time zone") == true)
    }

    @Test func everyPrintedTimeReadsBack() throws {
        var generator = SplitMix(seed: 7)
        for _ in 0..<2_000 {
            let time = TimePoint(milliseconds: Int64.random(in: 0..<253_402_300_800_000, using: &generator))
            #expect(try TimePoint(time.description, relativeTo: start) == time)
        }
        #expect(TimePoint(milliseconds: -1).description == "1969-12-31T23:59:59.999Z")
        #expect(TimePoint(milliseconds: .min).description.hasSuffix(".192Z"))
        #expect(TimePoint(milliseconds: .max).description.hasSuffix(".807Z"))
    }

    @Test(arguments: [
        ("90d", 7_776_000_000), ("20m", 1_200_000), ("500ms", 500), ("1h30m", 5_400_000), ("2d3h4m5s6ms", 183_845_006),
    ])
    func durations(_ text: String, _ milliseconds: Int64) throws {
        let duration = try DurationText.parse(text, in: .zero ... .seconds(1 << 40))
        #expect(duration == .milliseconds(milliseconds))
        #expect(DurationText.format(duration) == text)
    }

    @Test(arguments: [
        "", "5", "d", "5x", "-5s", "1.5h", "5s5m", "5m5m", "5 m", "9223372036854775807d", "1H", "٥s", "5é",
    ])
    func wrongDurations(_ text: String) {
        #expect(throws: ValueError.self) { try DurationText.parse(text, in: .zero ... .seconds(1 << 40)) }
    }

    @Test func aDurationOutOfRangeNamesTheRange() {
        let error = #expect(throws: ValueError.self) {
            try DurationText.parse("2d", in: .seconds(1)...(.seconds(3_600)))
        }
        #expect(error?.description == "'2d' is out of range; give 1s to 1h")
        #expect(DurationText.format(.zero) == "0s")
    }

    @Test(arguments: [
        ("0", 0), ("17", 17), ("64KiB", 65_536), ("64k", 65_536), ("1MB", 1_000_000), ("2G", 2_147_483_648), ("5B", 5),
    ])
    func sizes(_ text: String, _ bytes: Int) throws {
        #expect(try ValueText.size(text, in: 0...Int.max) == bytes)
    }

    @Test(arguments: ["", "k", "-1", "1.5M", "1 MiB", "99999999999999999999", "9999999999G", "1TiBx", "1e3"])
    func wrongSizes(_ text: String) {
        #expect(throws: ValueError.self) { try ValueText.size(text, in: 0...Int.max) }
    }

    @Test func ratesAreWholeNumbersOrMax() throws {
        #expect(try Rate("max") == .unlimited)
        #expect(try Rate("100") == .perSecond(100))
        for wrong in ["0", "-1", "1.5", "MAX", "", "1e3", "99999999999999999999", "100/s"] {
            #expect(throws: ValueError.self) { try Rate(wrong) }
        }
    }

    @Test(arguments: [
        ("kafka:9092", "kafka", 9_092), ("[::1]:80", "::1", 80), ("host", "host", 7),
        ("[fe80::1%eth0]", "fe80::1%eth0", 7),
    ])
    func servers(_ text: String, _ host: String, _ port: Int) throws {
        let server = try HostPort(text, defaultPort: 7)
        #expect(server.host == host)
        #expect(server.port == port)
        #expect(try HostPort(server.description) == server)
    }

    @Test(arguments: [
        "", ":", ":80", "host:", "host:0", "host:65536", "host:-1", "host:x", "::1", "[::1", "[::1]80", "a b:1",
        "a/b:1",
        "u@h:1", "héllo:1", "host:123456", "\u{1B}:1",
    ])
    func wrongServers(_ text: String) {
        #expect(throws: ValueError.self) { try HostPort(text) }
    }

    @Test func serverLists() throws {
        #expect(try HostPort.list("a:1, b:2,").map(\.description) == ["a:1", "b:2"])
        for wrong in ["", ",", "a:1,b"] { #expect(throws: ValueError.self) { try HostPort.list(wrong) } }
    }

    @Test func placesOfRecords() throws {
        #expect(try PartitionOffset("3:1024").offset == 1_024)
        for wrong in [
            "", "3", "3:", ":3", "3:4:5", "-1:4", "3:-4", "a:b", "2147483648:0", "0:9223372036854775808", "+1:2",
        ] {
            #expect(throws: ValueError.self) { try PartitionOffset(wrong) }
        }
    }

    @Test func namesOfTopicsAndGroups() throws {
        #expect(try ValueText.topic("gamification.dlq") == "gamification.dlq")
        for wrong in ["", ".", "..", "a/b", "a b", "ä", String(repeating: "a", count: 250)] {
            #expect(throws: ValueError.self) { try ValueText.topic(wrong) }
        }
        #expect(try ValueText.name("drain ü 1") == "drain ü 1")
        for wrong in ["", "a/b", "a\nb", String(repeating: "a", count: 201)] {
            #expect(throws: ValueError.self) { try ValueText.name(wrong) }
        }
    }

    @Test(arguments: [
        ("*", "", true), ("*", "abc", true), ("a*c", "abbbc", true), ("a*c", "abcd", false), ("?", "ä", true),
        ("?", "", false), ("a\\*", "a*", true), ("a\\*", "ab", false), ("*ab*ab*", "xabyabz", true),
        ("**a", "ba", true),
        ("a", "b", false), ("*a?b", "aaxb", true), ("\u{301}", "\u{301}", true),
    ])
    func globs(_ pattern: String, _ text: String, _ isMatch: Bool) throws {
        #expect(try Glob(pattern).matches(text) == isMatch)
    }

    @Test func globsAreBounded() throws {
        for wrong in ["", "a\\", String(repeating: "a", count: 257)] {
            #expect(throws: ValueError.self) { try Glob(wrong) }
        }
        let hostile = try Glob(String(repeating: "a*", count: 128))
        #expect(hostile.matches(String(repeating: "a", count: 5_000)))
        #expect(!hostile.matches(String(repeating: "a", count: 127) + String(repeating: "b", count: 5_000)))
    }
}
