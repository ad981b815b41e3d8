import Events
import Testing

@Suite("What a record loses and gains")
struct HeaderWriterTests {
    private static let application: HeaderList = [
        header("traceparent", "00-1"), header("source_system", "till"), header("kafka_correlationId", "c"),
        header("content-type", "avro"), header("gamification.tenant", "x"), header("Dead-letter-x", "kept"),
    ]

    private var deadLetter: HeaderList {
        Self.application + origin("__dlq.errors.", "points.earned", "3", "42") + [
            header("__dlq.errors.group", "g"), header("__dlq.errors.message", "m"),
            header("__dlq.errors.unheard.of", "x"), header("kafka_dlt-exception-stacktrace", "s"),
            header("kafka_key-exception-message", "k"), header("springDeserializerExceptionValue", "j"),
            header("retry_topic-backoff-timestamp", "b"), header("dead-letter-cause", "c"),
            header("source_trace_id", "t"), header("gamification.error.code", "internal"),
            header("gamification.event.id", "e"), header("gamification.event.type", "points.earned"),
            header("gamification.merchant.id", "m1"), header("gamification.retry.count", "1"),
            header("gamification.first.failed.at", "2026-10-30T08:15:30.123Z"),
            header("gamification.redrive.run", "before"), header("gamification.redrive.kind", "dlq"),
            header("gamification.parked.reason", "r"), header("gamification.unparked.count", "1"),
        ]
    }

    private static let kept = text(application)

    @Test("redriven to the replay topic or any other")
    func redrive() {
        var batch = HeaderBatch()
        batch.setRedrive(.redrive(.dlq), of: letter(deadLetter), run: "0f3a")
        #expect(
            text(edited(deadLetter, .redrive(.dlq), batch)) == Self.kept + [
                "gamification.first.failed.at=2026-10-30T08:15:30.123Z", "gamification.unparked.count=1",
                "__dlq.errors.topic=points.earned", "__dlq.errors.partition=3", "__dlq.errors.offset=42",
                "gamification.retry.count=2", "gamification.redrive.run=0f3a", "gamification.redrive.kind=dlq",
            ])
    }

    @Test("redriven to the origin: its headers go too")
    func redriveToOrigin() {
        var batch = HeaderBatch()
        batch.setRedrive(.redriveToOrigin(.dlq), of: letter(deadLetter), run: "0f3a", originalTimestamp: 1_000)
        #expect(
            text(edited(deadLetter, .redriveToOrigin(.dlq), batch)) == Self.kept + [
                "gamification.first.failed.at=2026-10-30T08:15:30.123Z", "gamification.unparked.count=1",
                "gamification.retry.count=2", "gamification.redrive.run=0f3a", "gamification.redrive.kind=dlq",
                "gamification.original.timestamp=1970-01-01T00:00:01.000Z",
            ])
    }

    @Test("replayed: the retry count is neither read nor written, and the source is the origin")
    func replay() throws {
        var batch = HeaderBatch()
        let record = Self.application + [header("gamification.retry.count", "2")]
        let source = try #require(Origin(topic: "points.earned", partition: 0, offset: 7))
        batch.setRedrive(.redrive(.replay), of: letter(record), origin: source, run: "nightly")
        #expect(
            text(edited(record, .redrive(.replay), batch)) == Self.kept + [
                "gamification.retry.count=2", "__dlq.errors.topic=points.earned", "__dlq.errors.partition=0",
                "__dlq.errors.offset=7", "gamification.redrive.run=nightly", "gamification.redrive.kind=replay",
            ])
        batch.setRedrive(.redrive(.replay), of: letter(deadLetter), origin: source, run: "nightly")
        let again = letter(edited(deadLetter, .redrive(.replay), batch))
        #expect(again.origin?.offset == 42 && again.retryCount == 1)
    }

    @Test("the original timestamp is written once")
    func originalTimestamp() {
        var batch = HeaderBatch()
        let record = deadLetter + [header("gamification.original.timestamp", "2026-10-01T00:00:00.000Z")]
        batch.setRedrive(.redrive(.dlq), of: letter(record), run: "r", originalTimestamp: 5)
        let after = edited(record, .redrive(.dlq), batch)
        #expect(text(after).filter { $0.hasPrefix("gamification.original.timestamp") }.count == 1)
        #expect(letter(after).originTimestamp == RFC3339.parse("2026-10-01T00:00:00Z"))
    }

    @Test("parked: everything stays, and a second parking replaces the first")
    func park() {
        var batch = HeaderBatch()
        batch.setParked(reason: "retries.exhausted", by: "reprocess-dlq/0f3a", at: 1_790_000_001_000)
        let parked = [
            "gamification.parked.reason=retries.exhausted", "gamification.parked.by=reprocess-dlq/0f3a",
            "gamification.parked.at=2026-09-21T14:13:21.000Z",
        ]
        let before = text(deadLetter.filter { $0.name != Array("gamification.parked.reason".utf8) })
        let once = edited(deadLetter, .park, batch)
        #expect(text(once) == before + parked)
        #expect(text(edited(once, .park, batch)) == before + parked)
    }

    @Test("unparked: the count is 0, the first failure is kept, the unparked count rises")
    func unpark() {
        var batch = HeaderBatch()
        batch.setParked(reason: "retries.exhausted", by: "b", at: 0)
        let parked = edited(deadLetter, .park, batch)
        batch.setRedrive(.unpark, of: letter(parked), run: "u1")
        let after = edited(parked, .unpark, batch)
        #expect(
            text(after) == Self.kept + [
                "gamification.first.failed.at=2026-10-30T08:15:30.123Z", "__dlq.errors.topic=points.earned",
                "__dlq.errors.partition=3", "__dlq.errors.offset=42", "gamification.retry.count=0",
                "gamification.redrive.run=u1", "gamification.redrive.kind=dlq", "gamification.unparked.count=2",
            ])
        batch.setRedrive(.unparkToOrigin, of: letter(parked), run: "u1")
        #expect(letter(edited(parked, .unparkToOrigin, batch)).origin == nil)
    }

    @Test("a dead letter written and read again")
    func roundTrip() throws {
        var failure = ProcessingFailure(
            consumed: try #require(Origin(topic: "customer.updated", partition: 5, offset: 1 << 40)),
            timestamp: 1_790_000_001_000, group: "gamification-server", deliveries: 4, message: "users-service is away",
            code: .dependencyUnavailable, failedAt: 1_790_000_002_000)
        failure.eventID = Identifier("6BA7B812-9DAD-11D1-80B4-00C04FD430C8")
        failure.eventType = .customerUpdated
        failure.merchantID = Identifier("6BA7B812-9DAD-11D1-80B4-00C04FD430C9")
        var batch = HeaderBatch()
        batch.setDeadLetter(failure, carried: letter(Self.application))
        let written = edited(Self.application, .deadLetter, batch)
        #expect(
            text(written) == Self.kept + [
                "__dlq.errors.topic=customer.updated", "__dlq.errors.partition=5", "__dlq.errors.offset=1099511627776",
                "__dlq.errors.group=gamification-server", "__dlq.errors.delivery.count=4",
                "__dlq.errors.message=users-service is away", "kafka_dlt-original-topic=customer.updated",
                "kafka_dlt-original-partition=00000005", "kafka_dlt-original-offset=0000010000000000",
                "kafka_dlt-original-timestamp=000001a0c4506fe8", "gamification.error.code=dependency.unavailable",
                "gamification.event.id=6ba7b812-9dad-11d1-80b4-00c04fd430c8",
                "gamification.event.type=customer.updated",
                "gamification.merchant.id=6ba7b812-9dad-11d1-80b4-00c04fd430c9",
                "gamification.first.failed.at=2026-09-21T14:13:22.000Z",
            ])
        let read = letter(written)
        #expect(read.origin == failure.consumed && read.originTimestamp == failure.timestamp && !read.hasConflicts)
        #expect(read.dialects.dialects == [.ours, .springDeadLetter] && read.firstFailedAt == failure.failedAt)
        #expect(read.eventID == failure.eventID && read.errorCode == failure.code)
    }

    @Test("failing again after a redrive keeps first origin, first failure and count")
    func secondFailure() throws {
        var batch = HeaderBatch()
        batch.setRedrive(.redrive(.dlq), of: letter(deadLetter), run: "0f3a")
        let redriven = edited(deadLetter, .redrive(.dlq), batch)
        let failure = ProcessingFailure(
            consumed: try #require(Origin(topic: "gamification.replay", partition: 0, offset: 9)), timestamp: nil,
            group: "g", deliveries: 1, message: "m", code: .internal, failedAt: 1_900_000_000_000)
        batch.setDeadLetter(failure, carried: letter(redriven))
        let read = letter(edited(redriven, .deadLetter, batch))
        #expect(read.origin == Origin(topic: "points.earned", partition: 3, offset: 42))
        #expect(read.firstFailedAt == RFC3339.parse("2026-10-30T08:15:30.123Z") && read.retryCount == 2)
        #expect(read.doubled.isEmpty && !read.hasConflicts && read.originTimestamp == nil)
    }

    @Test("a header that is there already, byte for byte, stays and is not put on again")
    func keeps() {
        var batch = HeaderBatch()
        batch.setRedrive(.redrive(.dlq), of: letter(deadLetter), run: "0f3a")
        func keeps(_ name: String, _ value: String?) -> Bool {
            Array(name.utf8).withUnsafeBytes { name in
                value.map { value in Array(value.utf8).withUnsafeBytes { batch.keeps(name, $0) } }
                    ?? batch.keeps(name, nil)
            }
        }
        #expect(keeps("__dlq.errors.topic", "points.earned"))
        #expect(!keeps("__dlq.errors.topic", "points.earned"), "of doubled ones the second goes")
        #expect(!keeps("__dlq.errors.partition", "03"), "another spelling is another value")
        #expect(!keeps("__dlq.errors.partition", nil) && !keeps("__dlq.errors.partition", ""))
        #expect(!keeps("__dlq.errors.partitions", "3") && !keeps("", "3"))
        #expect(keeps("__dlq.errors.offset", "42"))
        #expect(
            text(batch.list) == [
                "__dlq.errors.partition=3", "gamification.retry.count=2", "gamification.redrive.run=0f3a",
                "gamification.redrive.kind=dlq",
            ])
        batch.setRedrive(.redrive(.dlq), of: letter(deadLetter), run: "0f3a")
        #expect(batch.list.count == 6, "the next record begins anew")
    }

    @Test("long values are cut at 8,192 bytes, never inside a character")
    func truncation() {
        var batch = HeaderBatch()
        for (unit, count, kept) in [
            ("a", 8_193, 8_192), ("é", 4_097, 8_192), ("a€", 3_000, 8_192), ("😀", 2_049, 8_192),
        ] {
            batch.setParked(
                reason: String(repeating: unit, count: count), by: "x" + String(repeating: unit, count: count), at: 0)
            for (index, value) in batch.list.compactMap(\.value).prefix(2).enumerated() {
                #expect(value.count <= HeaderBatch.valueLimit && value.count > HeaderBatch.valueLimit - 4)
                #expect(String(validating: value, as: UTF8.self) != nil)
                if index == 0 { #expect(value.count == kept) }
            }
        }
        batch.setParked(reason: String(repeating: "a", count: 8_192), by: "", at: 0)
        #expect(batch.list.first?.value?.count == 8_192 && batch.count == 3)
    }

    @Test(
        "names that no dialect knows are never taken",
        arguments: [
            "", "k", "kafka_", "kafka_dlt", "source_", "source_key", "__dlq.errors", "dead-letter", "gamification.",
            "gamification.parked.", "retry_topic",
        ])
    func foreign(name: String) {
        let bytes = Array(name.utf8)
        let policy = HeaderPolicy(.redrive(.dlq))
        #expect(!bytes.withUnsafeBytes { policy.removes($0) })
    }
}
