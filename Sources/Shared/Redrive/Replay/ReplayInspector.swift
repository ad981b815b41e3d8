package import Events
package import Kafka
package import SchemaRegistry

/// Reads an event: headers, body as far as needed, and whether the selection takes it. Reusable; one thread at a time.
package struct ReplayInspector: ~Copyable {
    /// What was found.
    package enum Finding: Equatable, Sendable {
        /// Not selected.
        case rejected
        case selected
        /// Its body cannot be read: why. Whether it would be selected, as far as its headers tell.
        case undecodable(reason: String, isSelected: Bool)
        /// The body decides, and its schema must be fetched first.
        case needsSchema(Int32)
    }

    private let selection: ReplaySelection
    private let decodes: Bool
    private var decoder: EventDecoder
    private var reader = DeadLetterReader()
    /// What the headers of the record last inspected say; the origin is the record's own place where they name none.
    package private(set) var letter = DeadLetter()
    /// What was read of its body.
    package private(set) var fields: EventFields?
    /// The trace that the record carries, if it carries one.
    package private(set) var trace: [UInt8] = []
    /// Whether it carries the link to an earlier trace already.
    package private(set) var hasTraceLink = false

    /// - Parameters:
    ///   - decoder: asked only if `decodes`.
    ///   - decodes: whether bodies are looked into.
    package init(_ selection: ReplaySelection, decoder: consuming EventDecoder, decodes: Bool) {
        self.selection = selection
        self.decoder = decoder
        self.decodes = decodes
    }

    /// Takes the registry's answer about a schema that was asked for.
    package mutating func learn(_ id: Int32, _ lookup: SchemaLookup) { decoder.learn(id, lookup) }

    /// Inspects the record at `index`.
    package mutating func inspect(_ batch: RecordBatch, _ index: Int) -> Finding {
        let timestamp = batch.timestamp(index)
        return inspect(
            topic: batch.topic(index), partition: batch.partition(index), offset: batch.offset(index),
            timestamp: timestamp.type == .none ? nil : timestamp.milliseconds, value: batch.value(index)
        ) { visit throws(KafkaError) in try batch.forEachHeader(index, visit) }
    }

    /// Inspects a record in memory.
    ///
    /// - Parameters:
    ///   - topic, partition, offset: where it stands, or stood.
    ///   - timestamp: milliseconds since 1970; nil where it has none.
    ///   - headers: hands over its headers in order.
    package mutating func inspect(
        topic: String, partition: Int32, offset: Int64, timestamp: Int64?, value: UnsafeRawBufferPointer?,
        headers: ((UnsafeRawBufferPointer, UnsafeRawBufferPointer?) -> Void) throws(KafkaError) -> Void
    ) -> Finding {
        fields = nil
        trace.removeAll(keepingCapacity: true)
        hasTraceLink = false
        var open = selection.headers.count
        // Without conditions this allocates nothing.
        var met = [Bool](repeating: false, count: open)
        do throws(KafkaError) {
            reader.begin()
            try headers { name, value in
                reader.visit(name: name, value: value)
                if TraceHeader.isTrace(name) { trace = value.map { Array($0.prefix(512)) } ?? [] }
                if TraceHeader.isLink(name) { hasTraceLink = true }
                if open > 0 { meet(name, value, &met, &open) }
            }
            letter = reader.finish()
        } catch {
            letter = DeadLetter()
            return .undecodable(reason: ReplayReason.headersUnreadable, isSelected: false)
        }
        if letter.origin == nil {
            letter.origin = Origin(topic: topic, partition: partition, offset: offset)
        }
        guard open == 0 else { return .rejected }
        return inspect(value, timestamp)
    }

    private func meet(
        _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?, _ met: inout [Bool], _ open: inout Int
    ) {
        for (place, condition) in selection.headers.enumerated()
        where !met[place] && name.elementsEqual(condition.name) {
            guard let value, condition.matches(String(decoding: value, as: UTF8.self)) else { continue }
            met[place] = true
            open -= 1
        }
    }

    private mutating func inspect(_ value: UnsafeRawBufferPointer?, _ time: Int64?) -> Finding {
        let filter = selection.filter
        if !filter.isEmpty, filter.preselect(letter, recordTimestamp: time) == .rejected { return .rejected }
        guard decodes, let value else {
            // A tombstone has no fields, and nobody looks into others.
            guard selection.fields.isEmpty else { return .rejected }
            return filter.matches(letter, nil, recordTimestamp: time) ? .selected : .rejected
        }
        switch decoder.decode(value, origin: letter.origin?.eventType, header: letter.eventType) {
        case .invalid(.unusableSchema, let event):
            fields = event
            return undecodable(ErrorCode.schemaUnknown.rawValue, time)
        // One that no server would process is an event all the same: it is published as it was.
        case .event(let event), .invalid(_, let event):
            fields = event
            return isSelected(value, time) ? .selected : .rejected
        case .needsSchema(let id): return .needsSchema(id)
        case .unknownSchema: return undecodable(ErrorCode.schemaUnknown.rawValue, time)
        case .malformed: return undecodable(ErrorCode.avroMalformed.rawValue, time)
        case .noBody: return .rejected
        }
    }

    private func isSelected(_ value: UnsafeRawBufferPointer, _ time: Int64?) -> Bool {
        guard selection.filter.matches(letter, fields, recordTimestamp: time) else { return false }
        guard !selection.fields.isEmpty else { return true }
        guard let (body, schema) = decoder.body(of: value) else { return false }
        return selection.fields.allSatisfy { $0.matches(body, of: schema) }
    }

    private func undecodable(_ reason: String, _ time: Int64?) -> Finding {
        let isSelected = selection.fields.isEmpty && selection.filter.matches(letter, fields, recordTimestamp: time)
        return .undecodable(reason: reason, isSelected: isSelected)
    }
}

/// Why a replay does not publish a record that it may have been meant to: the keys of the tally's `rejections`.
package enum ReplayReason {
    /// Its headers cannot be read.
    package static let headersUnreadable = "headers.unreadable"
    /// Its origin is none of the topics that may be published to.
    package static let originNotAllowed = "origin.not_allowed"
    /// Its destination refused it for good.
    package static let unpublishable = "unpublishable"
}
