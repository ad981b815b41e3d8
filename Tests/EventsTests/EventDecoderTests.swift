import Avro
import Events
import Testing

@testable import SchemaRegistry

@Suite("Decoding events")
struct EventDecoderTests {
    @Test("every type by its schema's name, with ids, time and trace", arguments: EventType.allCases)
    func everyType(type: EventType) throws {
        let text = try Samples.text(of: type)
        var decoder = EventDecoder()
        let bytes = try Samples.framed(9, text, Samples.value(type))
        #expect(decoder.decode(bytes) == .needsSchema(9))
        decoder.learn(9, Samples.registered(9, text))
        for origin in [type, nil] {
            let verdict = decoder.decode(bytes, origin: origin)
            let fields = try #require(verdict.fields)
            #expect(verdict == .event(fields) && fields.type == type && fields.schemaID == 9)
            #expect(fields.merchantID == Identifier(Samples.merchant) && fields.createdAt == Samples.time)
            guard type != .cacheInvalidate else { continue }
            #expect(fields.eventID == Identifier(Samples.event) && fields.customerID == Identifier(Samples.customer))
            let trace = try #require(fields.traceID)
            #expect(String(decoding: bytes[trace], as: UTF8.self) == Samples.trace)
        }
    }

    @Test("optional fields that are null, and schemas from before them")
    func optional() throws {
        var decoder = EventDecoder()
        let text = try Samples.text(of: .pointsEarned)
        decoder.learn(1, Samples.registered(1, text))
        decoder.learn(2, Samples.registered(2, Samples.oldPointsEarned))
        let ids: [AvroValue] = [.string(Samples.event), .string(Samples.customer), .string(Samples.merchant), .long(1)]
        let null = AvroValue.union(branch: 0, .null)
        let values = [
            try Samples.framed(1, text, .record(ids + [null, null])),
            try Samples.framed(2, Samples.oldPointsEarned, .record(ids)),
        ]
        for bytes in values {
            let fields = try #require(decoder.decode(bytes, origin: .pointsEarned).fields)
            #expect(fields.createdAt == nil && fields.traceID == nil && fields.eventID == Identifier(Samples.event))
        }
    }

    @Test("the type: origin topic, else header, else schema; and the schema must be that type's")
    func precedence() throws {
        var decoder = EventDecoder()
        let text = try Samples.text(of: .badgeTask)
        decoder.learn(3, Samples.registered(3, text))
        let bytes = try Samples.framed(3, text, Samples.value(.badgeTask))
        #expect(decoder.decode(bytes, origin: .badgeTask, header: .pointsEarned).fields?.type == .badgeTask)
        #expect(decoder.decode(bytes, origin: .badgeTask, header: .pointsEarned).reason == nil)
        #expect(decoder.decode(bytes, origin: .pointsEarned, header: .badgeTask).reason == .unexpectedSchema)
        #expect(decoder.decode(bytes, header: .pointsEarned).reason == .unexpectedSchema)
        #expect(decoder.decode(bytes).fields?.type == .badgeTask)
    }

    @Test("another team's event: well-formed is enough")
    func foreign() throws {
        let text = """
            {"type": "record", "name": "Order", "fields": [{"name": "event_id", "type": "int"},
             {"name": "merchant_id", "type": "string"}, {"name": "lines", "type": {"type": "array", "items": "string"}}]}
            """
        var decoder = EventDecoder()
        decoder.learn(4, Samples.registered(4, text))
        let bytes = try Samples.framed(4, text, .record([.int(1), .string("shop"), .array([.string("x")])]))
        let verdict = decoder.decode(bytes)
        let fields = try #require(verdict.fields)
        #expect(verdict == .event(fields) && fields.type == nil && fields.eventID == nil)
        #expect(fields.merchantID?.description == "shop")
        #expect(decoder.decode(Array(bytes.dropLast())).isMalformed)
        decoder.learn(5, Samples.registered(5, "\"string\""))
        let scalar = try Samples.framed(5, "\"string\"", .string("x"))
        #expect(
            decoder.decode(scalar).reason == nil
                && decoder.decode(scalar, origin: .badgeTask).reason == .unexpectedSchema)
    }

    @Test(
        "ids that are none",
        arguments: [
            ("", Samples.merchant, Samples.customer, InvalidEvent.eventID),
            ("not-a-uuid", Samples.merchant, Samples.customer, .eventID),
            (Samples.event, "", Samples.customer, .merchantID),
            (Samples.event, "{11111111-2222-4333-8444-555555555555}", Samples.customer, .merchantID),
            (Samples.event, Samples.merchant, " ", .customerID),
            (Samples.event, Samples.merchant, "AAAAAAAABBBB4CCC8DDDEEEEEEEEEEEE", .customerID),
        ])
    func invalidIDs(event: String, merchant: String, customer: String, reason: InvalidEvent) throws {
        for type in EventType.allCases where type != .cacheInvalidate {
            let text = try Samples.text(of: type)
            var decoder = EventDecoder()
            decoder.learn(1, Samples.registered(1, text))
            let value = Samples.value(type, event: event, merchant: merchant, customer: customer)
            #expect(decoder.decode(try Samples.framed(1, text, value), origin: type).reason == reason)
        }
    }

    @Test("no value, no framing, no datum")
    func malformed() throws {
        let text = try Samples.text(of: .pointsEarned)
        var decoder = EventDecoder()
        decoder.learn(1, Samples.registered(1, text))
        #expect(decoder.decode(nil as [UInt8]?) == .noBody)
        for bytes in [[], [0], [0, 0, 0, 0], [1, 0, 0, 0, 1, 2], Array("{\"a\": 1}".utf8)] as [[UInt8]] {
            #expect(decoder.decode(bytes).isMalformed)
        }
        let bytes = try Samples.framed(1, text, Samples.value(.pointsEarned))
        for count in 5..<bytes.count { #expect(decoder.decode(Array(bytes.prefix(count))).isMalformed) }
        let verdict = decoder.decode(bytes + [0])
        guard case .malformed(let reason) = verdict else {
            Issue.record("a trailing byte was accepted")
            return
        }
        #expect(reason.description.contains("schema id 1") && !reason.description.contains(Samples.merchant))
        #expect(decoder.decode(bytes).reason == nil && !decoder.decode(bytes).isMalformed)
    }

    @Test("captured bodies, truncated ones among them")
    func fixtures() throws {
        var decoder = EventDecoder()
        decoder.learn(1, Samples.registered(1, Samples.oldPointsEarned))
        var malformed = 0
        for name in ["spring-kafka-4.1", "kafka-connect-4.3", "kafka-streams-4.3"] {
            for fixture in try Fixture.load(name) {
                let verdict = decoder.decode(fixture.value.map { Array($0) }, origin: .pointsEarned)
                if verdict.isMalformed { malformed += 1 } else { #expect(verdict.fields?.customerID != nil) }
                guard let key = fixture.key, case .event(let fields) = verdict else { continue }
                #expect(fields.customerID?.description == String(decoding: key, as: UTF8.self))
            }
        }
        #expect(malformed == 1)
    }

    @Test("what the registry does not know is asked anew each time; what cannot be used is said so")
    func registryAnswers() throws {
        var decoder = EventDecoder()
        let bytes = ConfluentFraming.make(schemaID: -5, datum: [1, 2, 3])
        #expect(decoder.decode(bytes) == .needsSchema(-5))
        decoder.learn(-5, .unknown(-5))
        #expect(decoder.decode(bytes) == .unknownSchema(-5))
        #expect(decoder.decode(bytes) == .needsSchema(-5))
        decoder.learn(-5, .unusable(SchemaRegistryError(.notAvro, request: "GET /schemas/ids/-5")))
        #expect(decoder.decode(bytes, origin: .badgeTask).reason == .unusableSchema)
        #expect(decoder.decode(bytes) == .needsSchema(-5))
        decoder.learn(-5, Samples.registered(-5, "{\"type\": \"recor"))
        #expect(decoder.decode(bytes).reason == .unusableSchema)
        #expect(decoder.decode(bytes).reason == .unusableSchema)
        decoder.learn(-5, Samples.registered(-5, "\"null\""))
        #expect(decoder.decode(bytes).isMalformed)
    }

    @Test("schemas with references")
    func references() throws {
        let reference = "{\"type\": \"fixed\", \"name\": \"f.Money\", \"size\": 2}"
        let text = """
            {"type": "record", "name": "Paid", "fields": [{"name": "amount", "type": "f.Money"},
             {"name": "customer_id", "type": "string"}]}
            """
        var decoder = EventDecoder()
        let referenced = ReferencedSchema(
            reference: SchemaReference(name: "f.Money", subject: "money", version: 1), text: reference)
        decoder.learn(6, .schema(RegisteredSchema(id: 6, text: text, references: [referenced])))
        let verdict = decoder.decode(ConfluentFraming.make(schemaID: 6, datum: [9, 9, 2, 0x63]))
        #expect(verdict.fields?.customerID?.description == "c")
    }

    @Test("the schema names are those of schemas/*.avsc", arguments: EventType.allCases)
    func schemaNames(type: EventType) throws {
        #expect(try AvroSchema.parse(Samples.text(of: type)).record?.named.fullName == type.schemaName)
        #expect(EventType(schemaName: type.schemaName) == type && EventType(rawValue: "\(type.topic)") == type)
    }

    @Test("more schemas than are kept")
    func manySchemas() throws {
        var decoder = EventDecoder()
        let text = try Samples.text(of: .badgeTask)
        let count = Int32(EventDecoder.schemaLimit) + 10
        for id in 1...count { decoder.learn(id, Samples.registered(id, text)) }
        let bytes = { id in try Samples.framed(id, text, Samples.value(.badgeTask)) }
        for id in 1...count {
            let verdict = decoder.decode(try bytes(id))
            if id <= 10 { #expect(verdict == .needsSchema(id)) } else { #expect(verdict.fields?.schemaID == id) }
        }
    }

    /// `HOSTILE_INPUTS` gives the number of bodies.
    @Test("Hostile bodies: never a crash")
    func hostile() throws {
        var random = SplitMix64(seed: 42)
        var decoder = EventDecoder()
        var values: [[UInt8]] = []
        for (index, type) in EventType.allCases.enumerated() {
            let text = try Samples.text(of: type)
            decoder.learn(Int32(index), Samples.registered(Int32(index), text))
            values.append(try Samples.framed(Int32(index), text, Samples.value(type)))
        }
        var malformed = 0
        for _ in 0..<hostileInputs(normally: 50_000) {
            var bytes = values[Int.random(in: 0..<values.count, using: &random)]
            for _ in 0...Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                default: bytes.removeSubrange(place...)
                }
            }
            let verdict = decoder.decode(bytes, origin: .pointsEarned)
            if verdict.isMalformed { malformed += 1 }
            if case .event(let fields) = verdict {
                #expect(fields.eventID?.isUUID == true && fields.customerID?.isUUID == true)
            }
            if let trace = verdict.fields?.traceID { #expect(trace.upperBound <= bytes.count) }
        }
        #expect(malformed > 0)
    }
}
