import JSON

extension AvroSchemaParser {
    mutating func record(_ json: JSONTree, namespace: String) throws(AvroSchemaError) -> AvroTypeID {
        let (id, identity) = try define(json, namespace: namespace)
        guard case .array(let list) = json["fields"] else { throw failure("a record without an array of \"fields\"") }
        var fields: [AvroField] = []
        var names: Set<String> = []
        for (index, entry) in list.enumerated() {
            let field = try at(.member("fields")) { parser throws(AvroSchemaError) in
                try parser.at(.element(index)) { parser throws(AvroSchemaError) in
                    let field = try parser.field(entry, index, of: id, namespace: String(identity.namespace))
                    guard names.insert(field.name).inserted else {
                        throw parser.failure("a second field named \(quoted(field.name))")
                    }
                    return field
                }
            }
            fields.append(field)
        }
        nodes[id.index] = AvroNode(type: .record(AvroRecord(named: identity, fields: fields)), logicalType: nil)
        return id
    }

    private mutating func field(
        _ json: JSONTree, _ index: Int, of record: AvroTypeID, namespace: String
    ) throws(AvroSchemaError) -> AvroField {
        guard case .object = json else { throw failure("a field must be an object, not \(json.kind)") }
        guard let name = json["name"]?.text, AvroName.isSimple(name) else {
            throw failure("a field without a valid name")
        }
        guard let typeJSON = json["type"] else { throw failure("a field without \"type\"") }
        let type = try at(.member("type")) { parser throws(AvroSchemaError) in
            try parser.type(typeJSON, namespace: namespace)
        }
        var order = AvroFieldOrder.ascending
        if let text = json["order"] {
            guard let known = text.text.flatMap(AvroFieldOrder.init(rawValue:)) else {
                throw failure("\"order\" must be ascending, descending or ignore")
            }
            order = known
        }
        if let value = json["default"] {
            pendingDefaults.append(
                PendingDefault(record: record, field: index, json: value, path: pointer + "/default"))
        }
        let aliases = try strings(json, "aliases", valid: AvroName.isSimple)
        return AvroField(
            name: name, type: type, defaultValue: nil, order: order, aliases: aliases, documentation: json["doc"]?.text)
    }

    mutating func enumeration(_ json: JSONTree, namespace: String) throws(AvroSchemaError) -> AvroTypeID {
        let (id, identity) = try define(json, namespace: namespace)
        guard json["symbols"] != nil else { throw failure("an enum without \"symbols\"") }
        let symbols = try strings(json, "symbols", valid: AvroName.isSimple)
        var indexOfSymbol: [String: Int] = [:]
        for (index, symbol) in symbols.enumerated() {
            guard indexOfSymbol.updateValue(index, forKey: symbol) == nil else {
                throw failure("the symbol \(quoted(symbol)) twice")
            }
        }
        var defaultSymbol: String?
        if let value = json["default"] {
            if let symbol = value.text, indexOfSymbol[symbol] != nil {
                defaultSymbol = symbol
            } else if defaults == .validate {
                throw failure("the enum's default is none of its symbols")
            }
        }
        nodes[id.index] = AvroNode(
            type: .enumeration(
                AvroEnumeration(
                    named: identity, symbols: symbols, defaultSymbol: defaultSymbol, indexOfSymbol: indexOfSymbol)),
            logicalType: nil)
        return id
    }

    mutating func fixed(_ json: JSONTree, namespace: String) throws(AvroSchemaError) -> AvroTypeID {
        let (id, identity) = try define(json, namespace: namespace)
        guard let size = json["size"]?.integer, size >= 0, size <= Int64(Int32.max) else {
            throw failure("a fixed without a \"size\" from 0 to \(Int32.max)")
        }
        let type = AvroType.fixed(AvroFixed(named: identity, size: Int(size)))
        nodes[id.index] = AvroNode(type: type, logicalType: AvroLogicalType(json, on: type))
        return id
    }

    /// Checks the name of a named type and claims it, before the type's parts are read.
    private mutating func define(
        _ json: JSONTree, namespace: String
    ) throws(AvroSchemaError) -> (AvroTypeID, AvroNamed) {
        guard let name = json["name"]?.text, AvroName.isDotted(name) else {
            throw failure("a named type without a valid \"name\"")
        }
        var space = namespace
        if let own = json["namespace"], own != .null {
            guard let text = own.text, text.isEmpty || AvroName.isDotted(text) else {
                throw failure("\"namespace\" is not valid")
            }
            space = text
        }
        let full = AvroName.full(name, in: space)
        guard !AvroName.primitives.contains(full) else { throw failure("\(full) is the name of a primitive type") }
        guard named[full] == nil, references[full] == nil else { throw failure("\(quoted(full)) is defined twice") }
        let bare = AvroNamed(fullName: full, aliases: [], documentation: nil)
        let aliases = try strings(json, "aliases", valid: AvroName.isDotted)
            .map { AvroName.full($0, in: String(bare.namespace)) }
        return (try claim(full), AvroNamed(fullName: full, aliases: aliases, documentation: json["doc"]?.text))
    }

    /// An optional array of names.
    private func strings(
        _ json: JSONTree, _ member: String, valid: (String) -> Bool
    ) throws(AvroSchemaError) -> [String] {
        guard let list = json[member] else { return [] }
        guard case .array(let elements) = list else { throw failure("\"\(member)\" must be an array") }
        var result: [String] = []
        for element in elements {
            guard let text = element.text, valid(text) else { throw failure("\"\(member)\" holds an invalid name") }
            result.append(text)
        }
        return result
    }
}
