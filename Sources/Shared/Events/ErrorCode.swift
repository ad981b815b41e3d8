/// Why a record was dead-lettered, from the closed list that `gamification.error.code` is written with.
package enum ErrorCode: String, CaseIterable, Sendable {
    case avroMalformed = "avro.malformed"
    case schemaUnknown = "schema.unknown"
    case eventInvalid = "event.invalid"
    case customerNotFound = "customer.not_found"
    case badgeUnknown = "badge.unknown"
    case dependencyUnavailable = "dependency.unavailable"
    case `internal` = "internal"
    /// A code that is not on the list: some other program's, or a newer version's. Read, never written.
    case other = "other"

    /// The code a header names; anything that is not on the list, the word `other` included, is `other`.
    package init(bytes: UnsafeRawBufferPointer) {
        self = Self.allCases.first { bytes.equals($0.text) } ?? .other
    }

    /// The code as it stands in the header.
    package var text: StaticString {
        switch self {
        case .avroMalformed: "avro.malformed"
        case .schemaUnknown: "schema.unknown"
        case .eventInvalid: "event.invalid"
        case .customerNotFound: "customer.not_found"
        case .badgeUnknown: "badge.unknown"
        case .dependencyUnavailable: "dependency.unavailable"
        case .internal: "internal"
        case .other: "other"
        }
    }
}
