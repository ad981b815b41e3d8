package import Events
package import Kafka
package import SchemaRegistry

/// Reads a dead letter: headers, body as far as needed, and whether the filters select it. Reusable; one thread at a
/// time.
package struct DeadLetterInspector: ~Copyable {
    /// What was found.
    package enum Finding: Equatable, Sendable {
        /// The filters do not select it.
        case rejected
        /// Selected; nothing is wrong with its body, or nobody looked.
        case selected
        /// Selected, and its body can never be processed: the reason to park it.
        case hopeless(reason: String)
        /// Selected, without a body.
        case noBody
        /// The body decides, and its schema must be fetched first.
        case needsSchema(Int32)
        /// Its headers cannot be read.
        case unreadable
    }

    private let filter: EventFilter
    private let decodes: Bool
    private var decoder: EventDecoder
    private var reader = DeadLetterReader()
    /// What the headers of the record last inspected say.
    package private(set) var letter = DeadLetter()
    /// What was read of its body; nil where nothing could be, or was not tried to.
    package private(set) var fields: EventFields?
    /// What became of its body; nil where it was not looked at.
    package private(set) var verdict: EventVerdict?

    /// - Parameters:
    ///   - decoder: asked only if `decodes`.
    ///   - decodes: whether bodies are looked into.
    package init(filter: EventFilter, decoder: consuming EventDecoder, decodes: Bool) {
        self.filter = filter
        self.decoder = decoder
        self.decodes = decodes
    }

    /// Takes the registry's answer about a schema that was asked for.
    package mutating func learn(_ id: Int32, _ lookup: SchemaLookup) { decoder.learn(id, lookup) }

    /// Inspects the record at `index`.
    package mutating func inspect(_ batch: RecordBatch, _ index: Int) -> Finding {
        fields = nil
        verdict = nil
        do throws(KafkaError) {
            reader.begin()
            try batch.forEachHeader(index) { reader.visit(name: $0, value: $1) }
            letter = reader.finish()
        } catch {
            letter = DeadLetter()
            return .unreadable
        }
        let timestamp = batch.timestamp(index)
        let time = timestamp.type == .none ? nil : timestamp.milliseconds
        guard filter.isEmpty || filter.preselect(letter, recordTimestamp: time) != .rejected else { return .rejected }
        return inspect(body: batch.value(index), recordTimestamp: time)
    }

    /// Inspects another body for the record whose headers were read last: one fetched from its origin.
    ///
    /// - Parameter recordTimestamp: the dead letter's own, milliseconds since 1970.
    package mutating func inspect(body: UnsafeRawBufferPointer?, recordTimestamp: Int64?) -> Finding {
        let finding = decodes ? decode(body) : withoutDecoding(body)
        if case .needsSchema = finding { return finding }
        return filter.isEmpty || filter.matches(letter, fields, recordTimestamp: recordTimestamp) ? finding : .rejected
    }

    private mutating func decode(_ value: UnsafeRawBufferPointer?) -> Finding {
        let verdict = decoder.decode(value, origin: letter.origin?.eventType, header: letter.eventType)
        self.verdict = verdict
        switch verdict {
        case .event(let event):
            fields = event
            return .selected
        case .noBody: return .noBody
        case .malformed: return .hopeless(reason: ErrorCode.avroMalformed.rawValue)
        case .unknownSchema: return .hopeless(reason: ErrorCode.schemaUnknown.rawValue)
        case .needsSchema(let id): return .needsSchema(id)
        case .invalid(_, let event):
            fields = event
            return .hopeless(reason: ErrorCode.eventInvalid.rawValue)
        }
    }

    /// Nobody looks: what the failed program said of the body stands.
    private func withoutDecoding(_ value: UnsafeRawBufferPointer?) -> Finding {
        guard value != nil else { return .noBody }
        switch letter.errorCode {
        case .avroMalformed, .eventInvalid: return .hopeless(reason: letter.errorCode?.rawValue ?? "")
        default: return .selected
        }
    }
}

/// What is made of the record last inspected, without a copy of what its headers say.
extension DeadLetterInspector {
    /// What the rules make of a finding.
    ///
    /// - Throws: `TimestampObjection` where the destination would not keep the record as it is.
    func verdict(
        _ finding: Finding, by rules: DrainRules, recordTimestamp: Int64, now: Int64
    ) throws(TimestampObjection) -> Verdict {
        let verdict = rules.verdict(finding, letter)
        try rules.checkTimestamp(of: verdict, letter, recordTimestamp: recordTimestamp, now: now)
        return verdict
    }

    /// Puts into `gained` what the record gains by `operation`, as the rules say.
    ///
    /// - Parameter original: the time that it had at its origin, milliseconds since 1970.
    func gain(
        _ gained: inout HeaderBatch, by operation: HeaderPolicy.Operation, _ rules: DrainRules, original: Int64
    ) {
        gained.setRedrive(
            operation, of: letter, run: rules.run, originalTimestamp: rules.timestamps == .now ? original : nil)
    }

    /// The time that the record had at its origin, milliseconds since 1970.
    func originalTimestamp(_ rules: DrainRules, recordTimestamp: Int64) -> Int64 {
        rules.originalTimestamp(letter, recordTimestamp: recordTimestamp)
    }

    /// Whether no header that is read stands on it twice.
    var hasSingleHeaders: Bool { letter.doubled.isEmpty }
}

/// What the headers of the record last inspected say beyond the decision; valid as long as the batch holds it.
extension DeadLetterInspector {
    /// A header's last value.
    package func header(_ name: Events.HeaderName) -> UnsafeRawBufferPointer? { reader.value(of: name) }

    /// The class of the failure's exception, where a dialect tells.
    package var exceptionClass: UnsafeRawBufferPointer? { reader.exceptionClass(of: letter) }

    /// The failure's message. It may hold personal data.
    package var errorMessage: UnsafeRawBufferPointer? { reader.errorMessage(of: letter) }

    /// The consumer group whose member gave up.
    package var consumerGroup: UnsafeRawBufferPointer? { reader.consumerGroup(of: letter) }

    /// Attempts that other programs counted.
    package var attempts: [(name: Events.HeaderName, count: Int64)] { reader.attempts() }

    /// What contradicts what.
    package mutating func conflicts() -> [HeaderConflict] { reader.conflicts(of: letter) }
}
