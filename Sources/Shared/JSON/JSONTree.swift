/// A JSON text as it was read: numbers keep their digits, because a default may not fit any Swift number, and an
/// object keeps its members in order.
package indirect enum JSONTree: Sendable, Equatable {
    case null
    case boolean(Bool)
    /// The digits as written, already checked against the JSON grammar.
    case number(String)
    case string(String)
    case array([JSONTree])
    case object([JSONMember])

    /// The value of an object's member; nil if this is no object or has no such member.
    package subscript(_ name: String) -> JSONTree? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The text of a string, nil for every other kind.
    package var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The number if it is written as an integer (no point, no exponent) and fits.
    package var integer: Int64? {
        guard case .number(let digits) = self else { return nil }
        return Int64(digits)
    }

    /// The kind's name for error messages.
    package var kind: String {
        switch self {
        case .null: "null"
        case .boolean: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

/// One member of a JSON object.
package struct JSONMember: Sendable, Equatable {
    /// The member's name.
    package let name: String
    /// The member's value.
    package let value: JSONTree
}
