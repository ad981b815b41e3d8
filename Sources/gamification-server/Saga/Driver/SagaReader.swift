import Events
import Kafka
import Postgres
import SchemaRegistry

/// Makes of a Kafka record what the machine decides by. One thread at a time.
struct SagaReader: ~Copyable {
    /// What a record turned out to be.
    enum Reading {
        case record(SagaRecord)
        /// Nothing is known about this schema yet: ask the registry, tell ``learn(_:_:)``, read again.
        case needsSchema(Int32)
    }

    private var decoder: EventDecoder
    private var headers = DeadLetterReader()
    private let topics: SagaTopics

    init(decoder: consuming EventDecoder, topics: SagaTopics) {
        self.decoder = decoder
        self.topics = topics
    }

    /// Takes the registry's answer.
    mutating func learn(_ id: Int32, _ lookup: SchemaLookup) { decoder.learn(id, lookup) }

    /// Reads a record; `now` is in milliseconds since 1970.
    mutating func read(_ batch: RecordBatch, _ index: Int, role: SagaRole, now: Int64) -> Reading {
        let offset = batch.offset(index)
        guard let letter = letter(batch, index) else {
            let failure = SagaFailure(.avroMalformed, "the record's headers cannot be read")
            return .record(SagaRecord(offset: offset, content: .poison(failure)))
        }
        guard let type = type(role, letter) else {
            return .record(SagaRecord(offset: offset, content: .foreign, isRedriven: true))
        }
        let content: SagaRecord.Content
        switch decoder.decode(batch.value(index), origin: type, header: nil) {
        case .needsSchema(let id): return .needsSchema(id)
        case .noBody: content = .poison(SagaFailure(.avroMalformed, "the record has no value"))
        case .malformed(let malformed): content = .poison(SagaFailure(.avroMalformed, malformed.description))
        case .unknownSchema(let id):
            content = .poison(SagaFailure(.schemaUnknown, "the registry knows no schema of id \(id)"))
        case .invalid(let reason, _): content = .poison(SagaFailure(.eventInvalid, reason.rawValue))
        case .event(let fields):
            let time = fields.createdAt ?? letter.originTimestamp ?? batch.timestamp(index).milliseconds
            content = Self.content(fields, type, time: time, now: now)
        }
        return .record(
            SagaRecord(offset: offset, content: content, isRedriven: role == .replay || letter.redriveKind != nil))
    }

    /// The type of the record's event; nil for one of the replay topic that is for others.
    func type(_ role: SagaRole, _ letter: DeadLetter) -> EventType? {
        switch role {
        case .points: .pointsEarned
        case .updates: .customerUpdated
        case .replay:
            switch letter.origin?.topic {
            case topics.points: .pointsEarned
            case topics.updates: .customerUpdated
            default: nil
            }
        }
    }

    /// What the record's headers say; nil where they cannot be read.
    mutating func letter(_ batch: RecordBatch, _ index: Int) -> DeadLetter? {
        headers.begin()
        do throws(KafkaError) {
            try batch.forEachHeader(index) { headers.visit(name: $0, value: $1) }
        } catch {
            return nil
        }
        return headers.finish()
    }

    /// The event's ids, as far as they can be read, for a dead letter.
    mutating func fields(_ batch: RecordBatch, _ index: Int, type: EventType?) -> EventFields? {
        switch decoder.decode(batch.value(index), origin: type, header: nil) {
        case .event(let fields), .invalid(_, let fields): fields
        default: nil
        }
    }

    private static func content(
        _ fields: EventFields, _ type: EventType, time: Int64, now: Int64
    ) -> SagaRecord.Content {
        guard let event = uuid(fields.eventID), let merchant = uuid(fields.merchantID),
            let customer = uuid(fields.customerID)
        else { return .poison(SagaFailure(.eventInvalid, InvalidEvent.eventID.rawValue)) }
        let owner = CustomerKey(merchant: merchant, customer: customer)
        guard type == .pointsEarned else { return .update(id: event, owner: owner) }
        guard let points = fields.points else {
            return .poison(SagaFailure(.eventInvalid, "points are missing"))
        }
        guard (-PointsLimit.total...PointsLimit.total).contains(points) else {
            return .poison(SagaFailure(.eventInvalid, "points are beyond 2^53 - 1"))
        }
        guard time <= now + PointsLimit.lead else {
            return .poison(SagaFailure(.eventInvalid, "the event's time is more than a day ahead"))
        }
        let earned = PointsEvent(id: event, owner: owner, points: points, time: time)
        return time < now - PointsLimit.age ? .outdated(earned) : .points(earned)
    }

    private static func uuid(_ id: Identifier?) -> PostgresUUID? {
        id?.uuidHalves.map { PostgresUUID(high: $0.high, low: $0.low) }
    }
}
