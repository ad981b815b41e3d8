package import Avro

/// What became of a record's value.
package enum EventVerdict: Sendable, Equatable {
    /// A well-formed event with all the ids that its type must have.
    case event(EventFields)
    /// The record has no value. A dead letter's may still stand at its origin.
    case noBody
    /// No Confluent framing, or no datum of its schema: `avro.malformed`. Nothing can be read of it.
    case malformed(MalformedEvent)
    /// The registry knows no schema of this id: `schema.unknown`.
    case unknownSchema(Int32)
    /// Nothing is known about this schema id yet: ask the registry, tell the decoder (`EventDecoder.learn`), decode
    /// again.
    case needsSchema(Int32)
    /// Decoded, but not an event that could ever be processed: `event.invalid`. The fields are those that could be read.
    case invalid(InvalidEvent, EventFields)
}

/// Why a value is no event at all.
package enum MalformedEvent: Sendable, Equatable, CustomStringConvertible {
    /// Not in Confluent's framing.
    case framing(ConfluentFraming.Failure)
    /// Not a datum of the schema that its framing names.
    case datum(AvroDecodingError, schemaID: Int32)

    /// What is wrong, without any byte of the value.
    package var description: String {
        switch self {
        case .framing(let failure): failure.description
        case .datum(let error, let id): "\(error) (schema id \(id))"
        }
    }
}

/// Why an event can never be processed, whatever is tried.
package enum InvalidEvent: String, Sendable, CaseIterable {
    /// The origin topic carries events of another schema.
    case unexpectedSchema = "the schema is not that of the origin topic's events"
    /// The registry holds something under the id that is no Avro schema that could be used.
    case unusableSchema = "the schema under this id is not one that can be used"
    /// `event_id` is missing, null or not a UUID.
    case eventID = "event_id is missing or not a UUID"
    /// `merchant_id` likewise.
    case merchantID = "merchant_id is missing or not a UUID"
    /// `customer_id` likewise.
    case customerID = "customer_id is missing or not a UUID"
}
