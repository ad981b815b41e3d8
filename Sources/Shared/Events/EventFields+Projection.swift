import Avro

extension EventFields {
    /// What a projection by `CompiledSchema.Field` found in `datum`, which stands behind the framing.
    init(schemaID: Int32, type: EventType?, projected: AvroProjectedFields, datum: UnsafeRawBufferPointer) {
        self.init(schemaID: schemaID, type: type)
        func id(_ field: CompiledSchema.Field) -> Identifier? {
            guard case .text(let start, let count) = projected[field.rawValue] else { return nil }
            return Identifier(bytes: UnsafeRawBufferPointer(rebasing: datum[start..<start + count]))
        }
        eventID = id(.eventID)
        merchantID = id(.merchantID)
        customerID = id(.customerID)
        switch projected[CompiledSchema.Field.createdAt.rawValue] {
        // A long without the logical type: ours were always milliseconds.
        case .timestamp(let time), .integer(let time): createdAt = time
        default: createdAt = nil
        }
        if case .integer(let number) = projected[CompiledSchema.Field.points.rawValue] { points = number }
        if case .text(let start, let count) = projected[CompiledSchema.Field.traceID.rawValue], count > 0 {
            traceID = ConfluentFraming.headerSize + start..<ConfluentFraming.headerSize + start + count
        }
    }

    /// The first id that the event's type must have and this event has not. `cache.invalidate` has no event id, and
    /// concerns no merchant where a translation was changed.
    var missingID: InvalidEvent? {
        guard let type, type != .cacheInvalidate else { return nil }
        guard eventID?.isUUID == true else { return .eventID }
        guard merchantID?.isUUID == true else { return .merchantID }
        return customerID?.isUUID == true ? nil : .customerID
    }
}
