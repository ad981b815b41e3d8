/// What the tools read of an event's body. Held inline: ids that are UUIDs take no allocation.
package struct EventFields: Sendable, Equatable {
    /// The id of the schema it was written with.
    package var schemaID: Int32
    /// Its type; `nil` for other teams' events, of which nothing is demanded.
    package var type: EventType?
    /// `event_id`, where the schema has it.
    package var eventID: Identifier?
    /// `merchant_id`, where the schema has it.
    package var merchantID: Identifier?
    /// `customer_id`, where the schema has it.
    package var customerID: Identifier?
    /// `created_at` in milliseconds since 1970, where the event has it.
    package var createdAt: Int64?
    /// Where `trace_id` stands in the record's value, framing included, where the event has it.
    package var traceID: Range<Int>?
    /// `points`, where the event has it as an int or long.
    package var points: Int64?

    init(schemaID: Int32, type: EventType?) {
        self.schemaID = schemaID
        self.type = type
    }
}
