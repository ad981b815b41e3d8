import Avro
import CommandLine
import Events

/// Turns decoded values into JSON with names, and logical types into what people read: times as RFC 3339, decimals as
/// decimals. Bounded; personal data is covered unless asked for.
struct AvroRendering {
    let schema: AvroSchema
    let reveals: Bool
    /// How many values may still be rendered.
    private var room: Int
    /// Whether something was left out.
    private(set) var isCut = false

    init(schema: AvroSchema, reveals: Bool, limit: Int) {
        self.schema = schema
        self.reveals = reveals
        room = limit
    }

    /// The value of the schema's own type.
    mutating func render(_ value: AvroValue) -> JSONValue { render(value, schema.root, field: "") }

    private mutating func render(_ value: AvroValue, _ type: AvroTypeID, field: String) -> JSONValue {
        guard room > 0 else {
            isCut = true
            return .string("…")
        }
        room -= 1
        let node = schema[type]
        if let logical = node.logicalType, let text = AvroLogicalText.text(value, logical) { return .string(text) }
        switch (value, node.type) {
        case (.union(let branch, let value), .union(let branches)) where branches.indices.contains(branch):
            room += 1
            return render(value, branches[branch], field: field)
        case (.record(let values), .record(let record)):
            return .object(
                zip(record.fields, values).map { .init($0.name, render($1, $0.type, field: $0.name)) })
        case (.array(let values), .array(let items)): return .array(rendered(values, items, field))
        case (.map(let entries), .map(let values)): return .object(members(entries, values))
        default: return scalar(value, field)
        }
    }

    private mutating func rendered(_ values: [AvroValue], _ type: AvroTypeID, _ field: String) -> [JSONValue] {
        var result: [JSONValue] = []
        for value in values {
            guard room > 0 else {
                isCut = true
                break
            }
            result.append(render(value, type, field: field))
        }
        return result
    }

    private mutating func members(_ entries: [AvroMapEntry], _ type: AvroTypeID) -> [JSONValue.Member] {
        // Of a key that stands twice the last value counts.
        var last: [String: Int] = [:]
        for (index, entry) in entries.enumerated() { last[entry.key] = index }
        var result: [JSONValue.Member] = []
        for (index, entry) in entries.enumerated() where last[entry.key] == index {
            guard room > 0 else {
                isCut = true
                break
            }
            result.append(.init(covered(entry.key, ""), render(entry.value, type, field: entry.key)))
        }
        return result
    }

    private func scalar(_ value: AvroValue, _ field: String) -> JSONValue {
        switch value {
        case .boolean(let value): .bool(value)
        case .int(let value): .integer(Int64(value))
        case .long(let value): .integer(value)
        case .float(let value): .number(Double(value))
        case .double(let value): .number(value)
        case .string(let text), .enumeration(let text): .string(covered(text, field))
        case .bytes(let bytes), .fixed(let bytes):
            .string(
                isPersonal(field)
                    ? PersonalData.secret : "0x" + BytesText.hexadecimal(bytes, limit: 4_096, reveals: reveals))
        case .null, .array, .map, .record, .union: .null
        }
    }

    private func covered(_ text: String, _ field: String) -> String {
        if reveals { return text }
        if field.lowercased().contains("email"), !text.isEmpty { return PersonalData.email }
        return isPersonal(field) && !text.isEmpty ? PersonalData.secret : PersonalData.masked(text)
    }

    private func isPersonal(_ field: String) -> Bool {
        guard !reveals else { return false }
        let name = field.lowercased()
        return ["email", "password", "token", "secret"].contains { name.contains($0) }
    }
}
