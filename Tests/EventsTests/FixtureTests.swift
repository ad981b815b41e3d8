import Events
import Testing

/// Records of real applications: Spring Kafka 4.1, Kafka Connect 4.3, Kafka Streams 4.3.
@Suite("Dead letters that other software wrote")
struct FixtureTests {
    @Test(
        "origins of every captured record",
        arguments: [
            ("spring-kafka-4.1", Dialect.springDeadLetter, [0, 4, 8, 12, 16, 20] as [Int64]),
            ("kafka-connect-4.3", .connect, [0, 1, 2, 3, 99, 100, 101, 102, 103]),
            ("kafka-streams-4.3", .streams, [23, 24, 25, 26, 27]),
        ])
    func origins(name: String, dialect: Dialect, offsets: [Int64]) throws {
        let fixtures = try Fixture.load(name)
        var reader = DeadLetterReader()
        let letters = fixtures.map { reader.letter($0.list) }
        #expect(letters.map { $0.origin?.offset } == offsets)
        for letter in letters {
            #expect(letter.origin?.topic == "points.earned" && letter.origin?.partition == 0)
            #expect(letter.origin?.eventType == .pointsEarned)
            #expect(letter.dialect == dialect && letter.dialects == DialectSet(dialect))
            #expect(!letter.hasConflicts && letter.retryCount == 0 && letter.parkReason == nil)
        }
    }

    @Test("Spring keeps the original timestamp in a header, the others on the record")
    func timestamps() throws {
        var reader = DeadLetterReader()
        let spring = try Fixture.load("spring-kafka-4.1").map { reader.letter($0.list).originTimestamp }
        #expect(
            spring == [
                1_790_000_001_000, 1_790_000_010_000, 1_790_000_018_000, 1_790_000_024_000, 1_790_000_028_000,
                1_790_000_042_000,
            ])
        for name in ["kafka-connect-4.3", "kafka-streams-4.3"] {
            for fixture in try Fixture.load(name) { #expect(reader.letter(fixture.list).originTimestamp == nil) }
        }
    }

    @Test(
        "what a captured record looks like when it is redriven",
        arguments: ["spring-kafka-4.1", "kafka-connect-4.3", "kafka-streams-4.3"])
    func redriven(name: String) throws {
        var reader = DeadLetterReader()
        var batch = HeaderBatch()
        for fixture in try Fixture.load(name) {
            let letter = reader.letter(fixture.list)
            batch.setRedrive(.redrive(.dlq), of: letter, run: "run1")
            let kept = text(fixture.list).filter { $0.hasPrefix("traceparent=") || $0.hasPrefix("tenant=") }
            #expect(!kept.isEmpty)
            let offset = try #require(letter.origin?.offset)
            #expect(
                text(edited(fixture.list, .redrive(.dlq), batch)) == kept + [
                    "__dlq.errors.topic=points.earned", "__dlq.errors.partition=0", "__dlq.errors.offset=\(offset)",
                    "gamification.retry.count=1", "gamification.redrive.run=run1", "gamification.redrive.kind=dlq",
                ])
        }
    }

    @Test("messages and classes for show")
    func views() throws {
        var reader = DeadLetterReader()
        let expected = [
            (
                "spring-kafka-4.1", "org.springframework.kafka.listener.ListenerExecutionFailedException",
                "Listener method"
            ),
            ("kafka-connect-4.3", "org.apache.kafka.connect.errors.DataException", "Converting byte[]"),
            ("kafka-streams-4.3", "java.lang.IllegalStateException", "rule engine refused"),
        ]
        for (name, exception, message) in expected {
            let fixture = try #require(try Fixture.load(name).first)
            reader.read(fixture.list) { reader, letter in
                let found = reader.exceptionClass(of: letter).map { String(decoding: $0, as: UTF8.self) }
                #expect(found == exception)
                let text = reader.errorMessage(of: letter).map { String(decoding: $0, as: UTF8.self) }
                #expect(text?.hasPrefix(message) == true)
            }
        }
    }
}
