import JSON

/// Checks the defaults of all fields against their types and turns them into values. A record's default may leave out
/// fields that have defaults of their own, so the work is bounded by a number of items, not by the text's length.
struct AvroDefaultReader {
    private let nodes: [AvroNode]
    private var items: Int
    /// Defaults by record node and field, for records inside defaults.
    private let inner: [Int: [Int: JSONTree]]

    private struct Failure: Error {
        var path: String
        let reason: String
    }

    static func fill(
        _ nodes: [AvroNode], _ pending: [AvroSchemaParser.PendingDefault], policy: AvroDefaultPolicy,
        limits: AvroSchemaLimits
    ) throws(AvroSchemaError) -> [AvroNode] {
        guard !pending.isEmpty else { return nodes }
        var inner: [Int: [Int: JSONTree]] = [:]
        for entry in pending { inner[entry.record.index, default: [:]][entry.field] = entry.json }
        var reader = AvroDefaultReader(nodes: nodes, items: limits.defaultItems, inner: inner)
        var values: [Int: [Int: AvroValue]] = [:]
        for entry in pending {
            guard case .record(let record) = nodes[entry.record.index].type else { continue }
            do {
                let value = try reader.value(entry.json, record.fields[entry.field].type, depth: 0)
                values[entry.record.index, default: [:]][entry.field] = value
            } catch {
                if policy == .validate {
                    throw AvroSchemaError(path: entry.path + error.path, reason: error.reason)
                }
            }
        }
        return reader.nodes(with: values)
    }

    private func nodes(with values: [Int: [Int: AvroValue]]) -> [AvroNode] {
        var result = nodes
        for (index, defaults) in values {
            guard case .record(let record) = nodes[index].type else { continue }
            let fields = record.fields.enumerated().map { position, field in
                AvroField(
                    name: field.name, type: field.type, defaultValue: defaults[position], order: field.order,
                    aliases: field.aliases, documentation: field.documentation)
            }
            result[index] = AvroNode(
                type: .record(AvroRecord(named: record.named, fields: fields)), logicalType: nil)
        }
        return result
    }

    private mutating func value(_ json: JSONTree, _ id: AvroTypeID, depth: Int) throws(Failure) -> AvroValue {
        items -= 1
        guard items >= 0, depth < 64 else { throw Failure(path: "", reason: "the default is too large") }
        let type = nodes[id.index].type
        switch (type, json) {
        case (.null, .null): return .null
        case (.boolean, .boolean(let value)): return .boolean(value)
        case (.int, .number):
            if let value = json.integer.flatMap(Int32.init(exactly:)) { return .int(value) }
        case (.long, .number):
            if let value = json.integer { return .long(value) }
        case (.float, .number(let digits)):
            if let value = Float(digits), value.isFinite { return .float(value) }
        case (.double, .number(let digits)):
            if let value = Double(digits), value.isFinite { return .double(value) }
        case (.string, .string(let text)): return .string(text)
        case (.bytes, .string(let text)):
            if let bytes = latin1(text) { return .bytes(bytes) }
        case (.fixed(let fixed), .string(let text)):
            if let bytes = latin1(text), bytes.count == fixed.size { return .fixed(bytes) }
        case (.enumeration(let enumeration), .string(let text)):
            if enumeration.indexOfSymbol[text] != nil { return .enumeration(text) }
        case (.array(let itemType), .array(let elements)): return try array(elements, itemType, depth)
        case (.map(let valueType), .object(let members)): return try map(members, valueType, depth)
        case (.record(let record), .object): return try self.record(json, record, id, depth)
        case (.union(let branches), _):
            // Avro 1.11: the default is one of the first branch.
            if let first = branches.first { return .union(branch: 0, try value(json, first, depth: depth + 1)) }
        default: break
        }
        throw Failure(path: "", reason: "the default does not fit the type \(type.named?.fullName ?? type.name)")
    }

    private mutating func array(
        _ elements: [JSONTree], _ type: AvroTypeID, _ depth: Int
    ) throws(Failure) -> AvroValue {
        var values: [AvroValue] = []
        for (index, element) in elements.enumerated() {
            do {
                values.append(try value(element, type, depth: depth + 1))
            } catch {
                throw Failure(path: "/\(index)" + error.path, reason: error.reason)
            }
        }
        return .array(values)
    }

    private mutating func map(_ members: [JSONMember], _ type: AvroTypeID, _ depth: Int) throws(Failure) -> AvroValue {
        var entries: [AvroMapEntry] = []
        for member in members {
            do {
                entries.append(AvroMapEntry(key: member.name, value: try value(member.value, type, depth: depth + 1)))
            } catch {
                throw Failure(path: "/" + member.name + error.path, reason: error.reason)
            }
        }
        return .map(entries)
    }

    private mutating func record(
        _ json: JSONTree, _ record: AvroRecord, _ id: AvroTypeID, _ depth: Int
    ) throws(Failure) -> AvroValue {
        var values: [AvroValue] = []
        for (index, field) in record.fields.enumerated() {
            guard let given = json[field.name] ?? inner[id.index]?[index] else {
                throw Failure(path: "", reason: "the default leaves out the field \(quoted(field.name))")
            }
            do {
                values.append(try value(given, field.type, depth: depth + 1))
            } catch {
                throw Failure(path: "/" + field.name + error.path, reason: error.reason)
            }
        }
        return .record(values)
    }

    /// Defaults of bytes and fixed are strings whose code points 0 to 255 stand for the bytes.
    private func latin1(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            guard scalar.value < 256 else { return nil }
            bytes.append(UInt8(scalar.value))
        }
        return bytes
    }
}
