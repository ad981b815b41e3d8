extension AvroSchemaParser {
    /// Makes the named types of other schemas known, without taking any in yet.
    mutating func add(references schemas: [AvroSchema]) throws(AvroSchemaError) {
        for schema in schemas {
            for (name, id) in schema.named {
                if let known = references[name], !same(known, Reference(schema: schema, type: id)) {
                    throw failure("two references define \(quoted(name)) differently")
                }
                references[name] = Reference(schema: schema, type: id)
            }
        }
    }

    private func same(_ first: Reference, _ second: Reference) -> Bool {
        guard let form = first.schema.canonicalForm(of: first.type) else { return false }
        return form == second.schema.canonicalForm(of: second.type)
    }

    /// Copies a referenced type, and all that it holds, into this schema.
    mutating func imported(_ fullName: String) throws(AvroSchemaError) -> AvroTypeID? {
        guard let reference = references.removeValue(forKey: fullName) else { return nil }
        return try copy(reference.type, from: reference.schema, depth: 0)
    }

    private mutating func copy(
        _ id: AvroTypeID, from schema: AvroSchema, depth: Int
    ) throws(AvroSchemaError) -> AvroTypeID {
        let node = schema[id]
        if let name = node.type.named?.fullName {
            if let known = named[name] { return known }
            references.removeValue(forKey: name)
        }
        guard depth < 256 else { throw failure("references nested deeper than 256 levels") }
        let copied: AvroTypeID
        if let name = node.type.named?.fullName { copied = try claim(name) } else { copied = try reserve() }
        let type: AvroType
        switch node.type {
        case .array(let items): type = .array(items: try copy(items, from: schema, depth: depth + 1))
        case .map(let values): type = .map(values: try copy(values, from: schema, depth: depth + 1))
        case .union(let branches):
            var ids: [AvroTypeID] = []
            for branch in branches { ids.append(try copy(branch, from: schema, depth: depth + 1)) }
            type = .union(ids)
        case .record(let record):
            var fields: [AvroField] = []
            for field in record.fields {
                fields.append(
                    AvroField(
                        name: field.name, type: try copy(field.type, from: schema, depth: depth + 1),
                        defaultValue: field.defaultValue,
                        order: field.order, aliases: field.aliases, documentation: field.documentation))
            }
            type = .record(AvroRecord(named: record.named, fields: fields))
        default: type = node.type
        }
        nodes[copied.index] = AvroNode(type: type, logicalType: node.logicalType)
        return copied
    }
}
