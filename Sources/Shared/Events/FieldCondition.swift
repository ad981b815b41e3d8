package import Avro

/// One field of a decoded body and the value that it must have: `--where badge=gold`, `--where address.city=Ghent`.
package struct FieldCondition: Sendable, Equatable {
    /// The longest path, in fields.
    package static let maximumDepth = 16

    /// Names of fields of records, or keys of maps, from the outside in.
    package let path: [String]
    /// As text: see `matches`.
    package let value: String

    /// - Returns: nil for a path that is empty, too deep, or has an empty name.
    package init?(path text: String, value: String) {
        path = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        self.value = value
        guard path.count <= Self.maximumDepth, !path.contains("") else { return nil }
    }

    /// Whether the field is there and equals the value: strings and symbols as they are, numbers by value, booleans as
    /// `true` or `false`, null as `null`, timestamps in milliseconds also in RFC 3339. Anything else never matches.
    package func matches(_ body: AvroValue, of schema: AvroSchema) -> Bool {
        var value = body
        var type = schema.root
        for name in path {
            (value, type) = Self.unwrapped(value, type, schema)
            switch (value, schema[type].type) {
            case (.record(let values), .record(let record)):
                guard let index = record.index(ofField: name), values.indices.contains(index) else { return false }
                (value, type) = (values[index], record.fields[index].type)
            case (.map(let entries), .map(let values)):
                // Of a key that stands twice the last value counts.
                guard let entry = entries.last(where: { $0.key == name }) else { return false }
                (value, type) = (entry.value, values)
            default: return false
            }
        }
        (value, type) = Self.unwrapped(value, type, schema)
        return equals(value, schema[type].logicalType)
    }

    private static func unwrapped(
        _ value: AvroValue, _ type: AvroTypeID, _ schema: AvroSchema
    ) -> (AvroValue, AvroTypeID) {
        guard case .union(let branch, let inner) = value, case .union(let branches) = schema[type].type,
            branches.indices.contains(branch)
        else { return (value, type) }
        return (inner, branches[branch])
    }

    /// The value as a whole number, `7` or `7.0`; nil where it is none.
    private var whole: Int64? { Int64(value) ?? Double(value).flatMap { Int64(exactly: $0) } }

    private func equals(_ found: AvroValue, _ logical: AvroLogicalType?) -> Bool {
        switch found {
        case .string(let text), .enumeration(let text): return text == value
        case .boolean(let flag): return value == (flag ? "true" : "false")
        case .null: return value == "null"
        case .int(let number): return whole == Int64(number)
        case .long(let number):
            if whole == number { return true }
            return logical == .timestampMillis && RFC3339.parse(value) == number
        case .float(let number): return Float(value) == number
        case .double(let number): return Double(value) == number
        default: return false
        }
    }
}
