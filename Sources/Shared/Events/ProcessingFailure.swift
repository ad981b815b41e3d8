/// A record that a consumer gives up on, as its dead letter is written.
package struct ProcessingFailure: Sendable {
    /// Where it was consumed.
    package var consumed: Origin
    /// Its timestamp there, in milliseconds since 1970; `nil` if it has none.
    package var timestamp: Int64?
    /// The consumer's group.
    package var group: String
    /// How often it was delivered to this consumer, 1 and up.
    package var deliveries: Int32
    /// A sentence for people. It must hold no email, name or token: it is a program's words, not a record's.
    package var message: String
    /// Why.
    package var code: ErrorCode
    /// The event's id, if it could be read.
    package var eventID: Identifier?
    /// The event's type, if it could be read.
    package var eventType: EventType?
    /// The event's merchant, if it could be read.
    package var merchantID: Identifier?
    /// Now, in milliseconds since 1970.
    package var failedAt: Int64

    /// A failure of these parts.
    package init(
        consumed: Origin, timestamp: Int64?, group: String, deliveries: Int32, message: String, code: ErrorCode,
        failedAt: Int64
    ) {
        self.consumed = consumed
        self.timestamp = timestamp
        self.group = group
        self.deliveries = deliveries
        self.message = message
        self.code = code
        self.failedAt = failedAt
    }
}
