/// One Avro value. Its schema says what it means: a record holds its fields in the schema's order, a logical type
/// stands as its underlying value (see `AvroLogicalValue`).
package enum AvroValue: Sendable, Hashable {
    case null
    case boolean(Bool)
    case int(Int32)
    case long(Int64)
    case float(Float)
    case double(Double)
    case bytes([UInt8])
    case string(String)
    case fixed([UInt8])
    /// The symbol.
    case enumeration(String)
    case array([AvroValue])
    /// The entries in the order in which they were encoded. A key may stand twice; the last one counts.
    case map([AvroMapEntry])
    /// The fields in the schema's order.
    case record([AvroValue])
    /// A value of the branch with this index.
    indirect case union(branch: Int, AvroValue)

    /// The value inside a union's branch, or this value.
    package var unwrapped: AvroValue {
        guard case .union(_, let value) = self else { return self }
        return value
    }
}

/// One entry of a map.
package struct AvroMapEntry: Sendable, Hashable {
    /// The entry's key.
    package let key: String
    /// The entry's value.
    package let value: AvroValue

    /// An entry of `AvroValue.map`.
    package init(key: String, value: AvroValue) {
        self.key = key
        self.value = value
    }
}
