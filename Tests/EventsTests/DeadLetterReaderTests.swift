import Events
import Testing

@Suite("Reading dead letters' headers")
struct DeadLetterReaderTests {
    @Test(
        "every dialect, numbers as text",
        arguments: [
            ("__dlq.errors.", Dialect.ours), ("kafka_dlt-original-", .springDeadLetter),
            ("kafka_original-", .springRetry),
            ("__connect.errors.", .connect), ("__streams.errors.", .streams), ("dead-letter-", .smallRye),
            ("source_", .karafka),
        ])
    func text(prefix: String, dialect: Dialect) {
        let letter = letter(origin(prefix, "badge.task", "3", "1234567890123"))
        #expect(letter.origin == Origin(topic: "badge.task", partition: 3, offset: 1_234_567_890_123))
        #expect(letter.dialect == dialect)
        #expect(letter.origin?.eventType == .badgeTask)
        #expect(!letter.hasConflicts)
    }

    @Test("every dialect, numbers as big-endian of the natural width", arguments: Dialect.allCases)
    func binary(dialect: Dialect) {
        let names = dialect.originNames
        let letter = letter([
            header("\(names.topic.text)", "customer.updated"),
            header("\(names.partition.text)", bytes: bigEndian(Int32(258))),
            header("\(names.offset.text)", bytes: bigEndian(Int64(70_000))),
        ])
        #expect(letter.origin == Origin(topic: "customer.updated", partition: 258, offset: 70_000))
    }

    @Test("big-endian numbers of every width", arguments: 1...8)
    func widths(width: Int) {
        let letter = letter([
            header("__connect.errors.topic", "t"),
            header("__connect.errors.partition", bytes: [UInt8](repeating: 0, count: width - 1) + [7]),
            header("__connect.errors.offset", bytes: [UInt8](repeating: 0, count: width - 1) + [9]),
        ])
        #expect(letter.origin == Origin(topic: "t", partition: 7, offset: 9))
    }

    @Test("ours wins wherever it stands")
    func oursWins() {
        let ours = origin("__dlq.errors.", "points.earned", "1", "10")
        let spring = origin("kafka_dlt-original-", "gamification.replay", "0", "99")
        for headers in [ours + spring, spring + ours] {
            let letter = letter(headers)
            #expect(letter.dialect == .ours && letter.origin?.topic == "points.earned")
            #expect(letter.disagreeing == DialectSet(.springDeadLetter))
            #expect(letter.hasConflicts)
        }
    }

    @Test("without ours the dialect whose origin stands last wins, each against each")
    func lastWins() {
        let dialects: [(String, Dialect)] = [
            ("kafka_dlt-original-", .springDeadLetter), ("kafka_original-", .springRetry),
            ("__connect.errors.", .connect), ("__streams.errors.", .streams), ("dead-letter-", .smallRye),
            ("source_", .karafka),
        ]
        for (first, firstDialect) in dialects {
            for (last, lastDialect) in dialects where lastDialect != firstDialect {
                let headers = origin(first, "a", "1", "1") + origin(last, "b", "2", "2")
                let letter = letter(headers)
                #expect(letter.origin == Origin(topic: "b", partition: 2, offset: 2))
                #expect(letter.dialect == lastDialect && letter.disagreeing == DialectSet(firstDialect))
                let expected = Origin(topic: "a", partition: 1, offset: 1).map {
                    HeaderConflict.otherOrigin(firstDialect, $0)
                }
                #expect(conflicts(headers) == [expected].compactMap { $0 })
            }
        }
    }

    @Test("three dialects: those that differ from the winner are named, wherever they stand")
    func threeDialects() {
        let letter = letter(
            origin("source_", "b", "2", "2") + origin("__connect.errors.", "a", "1", "1")
                + origin("kafka_original-", "b", "2", "2"))
        #expect(letter.dialect == .springRetry && letter.disagreeing == DialectSet(.connect))
    }

    @Test("dialects that agree are no conflict")
    func agreement() {
        let letter = letter(origin("__connect.errors.", "a", "1", "1") + origin("__streams.errors.", "a", "1", "1"))
        #expect(!letter.hasConflicts && letter.dialects.dialects == [.connect, .streams])
    }

    @Test("an incomplete dialect gives no origin, and parts of two make none")
    func incomplete() {
        let partial = [header("__dlq.errors.topic", "points.earned"), header("__dlq.errors.partition", "1")]
        let rest = [header("__connect.errors.offset", "5")]
        let none = letter(partial + rest)
        #expect(none.origin == nil && none.dialect == nil)
        #expect(none.unreadable.dialects == [.ours, .connect])
        let fallback = letter(partial + origin("source_", "b", "0", "0"))
        #expect(fallback.dialect == .karafka && fallback.unreadable == DialectSet(.ours))
    }

    @Test(
        "origins that are none",
        arguments: [
            ("", "0", "0"), (".", "0", "0"), ("..", "0", "0"), ("a/b", "0", "0"), ("a b", "0", "0"),
            ("bädge", "0", "0"), (String(repeating: "t", count: 250), "0", "0"), ("t", "-1", "0"), ("t", "0", "-1"),
            ("t", "", "0"), ("t", "0", ""), ("t", "2147483648", "0"), ("t", "0", "9223372036854775808"),
            ("t", "one", "0"), ("t", "0", "1.5"),
        ])
    func invalidOrigins(topic: String, partition: String, offset: String) {
        for prefix in ["__dlq.errors.", "kafka_dlt-original-", "dead-letter-"] {
            let letter = letter(origin(prefix, topic, partition, offset))
            #expect(letter.origin == nil && letter.unreadable.dialects.count == 1)
        }
    }

    @Test("the longest topic, the largest numbers")
    func limits() {
        let topic = String(repeating: "T", count: 249)
        let letter = letter(origin("__dlq.errors.", topic, "2147483647", "9223372036854775807"))
        #expect(letter.origin == Origin(topic: topic, partition: .max, offset: .max))
    }

    @Test("of a doubled name the last value counts, even if it is worse")
    func doubled() {
        let good = origin("__dlq.errors.", "points.earned", "1", "10")
        let moved = letter(good + [header("__dlq.errors.offset", "11")])
        #expect(moved.origin?.offset == 11 && moved.doubled == [.originOffset])
        let spoiled = letter(good + [header("__dlq.errors.offset", bytes: nil)])
        #expect(spoiled.origin == nil && spoiled.unreadable == DialectSet(.ours))
        #expect(
            conflicts(good + [header("__dlq.errors.offset", "x")]) == [
                .unreadableOrigin(.ours), .doubled(.originOffset),
            ])
    }

    @Test("names are compared exactly")
    func exactNames() {
        for prefix in [
            "__DLQ.errors.", "_dlq.errors.", "__dlq.errors..", " __dlq.errors.", "Source_", "kafka_dlt_original-",
        ] {
            let letter = letter(origin(prefix, "t", "0", "0"))
            #expect(letter.origin == nil && letter.dialects.isEmpty)
        }
        #expect(letter([header("__dlq.errors.topic\0", "t")]).dialects.isEmpty)
    }

    @Test("our own headers")
    func own() throws {
        let id = "6BA7B812-9DAD-11D1-80B4-00C04FD430C8"
        let letter = letter([
            header("gamification.error.code", "customer.not_found"), header("gamification.event.id", id),
            header("gamification.event.type", "points.earned"), header("gamification.merchant.id", "m-1"),
            header("gamification.first.failed.at", "2026-10-30T08:15:30.123Z"), header("gamification.retry.count", "2"),
            header("gamification.redrive.kind", "dlq"), header("gamification.unparked.count", "4"),
            header("gamification.original.timestamp", "2026-10-29T00:00:00.000Z"),
        ])
        #expect(letter.errorCode == .customerNotFound && letter.eventType == .pointsEarned)
        #expect(letter.eventID == Identifier(id.lowercased()) && letter.eventID?.description == id.lowercased())
        #expect(letter.merchantID?.description == "m-1" && letter.merchantID?.isUUID == false)
        #expect(letter.firstFailedAt == RFC3339.parse("2026-10-30T08:15:30.123Z"))
        #expect(letter.retryCount == 2 && letter.unparkedCount == 4 && letter.redriveKind == .dlq)
        #expect(letter.originTimestamp == RFC3339.parse("2026-10-29T00:00:00Z") && letter.hasOriginalTimestamp)
        #expect(letter.dialects == DialectSet(.ours) && letter.origin == nil && !letter.hasConflicts)
    }

    @Test("codes that are not on the list", arguments: ["", "avro", "AVRO.malformed", "other", "avro.malformed "])
    func otherCode(code: String) {
        #expect(letter([header("gamification.error.code", code)]).errorCode == .other)
    }

    @Test("a retry count that cannot be read parks the record and never starts anew")
    func retryCount() {
        let bad: [[UInt8]?] = [
            nil, [], Array("-1".utf8), Array("three".utf8), Array("1000001".utf8), Array("3 ".utf8),
            Array("99999999999999999999999".utf8), [0xFF, 0xFF, 0xFF, 0xFF], [UInt8](repeating: 0x30, count: 1 << 20),
        ]
        for value in bad {
            let letter = letter([header("gamification.retry.count", bytes: value)])
            #expect(letter.parkReason == "header.invalid" && letter.invalid == [.retryCount])
        }
        for (value, count) in [("0", 0), ("3", 3), ("1000000", 1_000_000)] as [(String, Int32)] {
            let letter = letter([header("gamification.retry.count", value)])
            #expect(letter.parkReason == nil && letter.retryCount == count)
        }
        #expect(letter([header("gamification.retry.count", bytes: [0, 0, 0, 2])]).retryCount == 2)
        #expect(letter([]).retryCount == 0 && letter([]).parkReason == nil)
    }

    @Test("our other headers that cannot be read are told, and park nothing")
    func invalidOwn() {
        let headers: HeaderList = [
            header("gamification.event.id", bytes: [0xFF, 0xFE]), header("gamification.event.type", "points"),
            header("gamification.merchant.id", ""), header("gamification.first.failed.at", "yesterday"),
            header("gamification.redrive.kind", "DLQ"), header("gamification.unparked.count", "-4"),
            header("gamification.original.timestamp", bytes: nil),
        ]
        let letter = letter(headers)
        #expect(letter.invalid.names.count == 7 && letter.parkReason == nil)
        #expect(letter.eventID == nil && letter.firstFailedAt == nil && letter.unparkedCount == 0)
        #expect(letter.originTimestamp == nil && !letter.hasOriginalTimestamp)
    }

    @Test("origin timestamps: ours, the winner's, then a retry chain's first")
    func timestamps() {
        let spring = origin("kafka_dlt-original-", "t", "0", "0")
        let chain: HeaderList = [
            header("kafka_dlt-original-timestamp", bytes: bigEndian(Int64(2_000))),
            header("kafka_original-timestamp", bytes: bigEndian(Int64(3_000))),
            header("retry_topic-original-timestamp", bytes: [0x03, 0xE8]),
        ]
        #expect(letter(chain).originTimestamp == 1_000)
        #expect(letter(spring + chain).originTimestamp == 2_000)
        #expect(letter(spring + chain + [header("gamification.original.timestamp", "500")]).originTimestamp == 500)
        #expect(letter([chain[1]]).originTimestamp == 3_000)
        let minimal: [UInt8] = [0x01, 0xA0, 0xC4, 0x50, 0x6F, 0xE8]
        #expect(letter([header("retry_topic-original-timestamp", bytes: minimal)]).originTimestamp == 1_790_000_001_000)
        #expect(letter([header("kafka_dlt-original-timestamp", bytes: bigEndian(Int64(-1)))]).originTimestamp == nil)
    }

    @Test("attempts of others are shown, never counted")
    func attempts() {
        let headers: HeaderList = [
            header("retry_topic-attempts", bytes: bigEndian(Int32(5))), header("__dlq.errors.delivery.count", "7"),
            header("source_attempts", "9"),
        ]
        var reader = DeadLetterReader()
        reader.read(headers) { reader, letter in
            #expect(letter.retryCount == 0)
            #expect(reader.attempts().map(\.count) == [7, 5, 9])
        }
    }

    @Test("a reader used again forgets the record before")
    func reuse() {
        var reader = DeadLetterReader()
        let first = reader.letter(
            origin("__dlq.errors.", "t", "0", "0") + [header("gamification.retry.count", "9"), header("a", "b")])
        #expect(first.retryCount == 9)
        reader.read([]) { reader, second in
            #expect(second.origin == nil && second.retryCount == 0 && second.dialects.isEmpty && second.doubled.isEmpty)
            #expect(reader.value(of: .retryCount) == nil && reader.names.isEmpty)
        }
    }

    @Test("more origin topics than the reader remembers")
    func manyTopics() {
        var reader = DeadLetterReader()
        for round in 0..<2 {
            for number in 0..<200 {
                let found = reader.letter(origin("source_", "topic-\(number)", "0", "\(round)")).origin
                #expect(found?.topic == "topic-\(number)" && found?.offset == Int64(round))
            }
        }
    }

    @Test("a header of 1 MB is neither copied nor misread")
    func large() {
        let big = [UInt8](repeating: 0x61, count: 1 << 20)
        for name in HeaderName.allCases {
            let letter = letter([header("\(name.text)", bytes: big)] + origin("__dlq.errors.", "t", "1", "2"))
            #expect(letter.origin == Origin(topic: "t", partition: 1, offset: 2))
            #expect(letter.eventID == nil && letter.merchantID == nil)
        }
        #expect(letter([(name: big, value: big)]).dialects.isEmpty)
    }
}
