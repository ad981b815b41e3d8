import JSON

/// Turns a schema's JSON into nodes. Named types get their node before their parts are read, so that they can hold
/// themselves; defaults are checked when every type is known.
struct AvroSchemaParser {
    let defaults: AvroDefaultPolicy
    let limits: AvroSchemaLimits
    /// nil while a named type's parts are being read.
    var nodes: [AvroNode?] = []
    var named: [String: AvroTypeID] = [:]
    /// Full names by node, for types that are not complete yet.
    var fullNames: [Int: String] = [:]
    var references: [String: Reference] = [:]
    /// Defaults still to be checked.
    var pendingDefaults: [PendingDefault] = []
    /// Where the parser is in the text.
    var path: [PathComponent] = []

    struct Reference {
        let schema: AvroSchema
        let type: AvroTypeID
    }

    struct PendingDefault {
        let record: AvroTypeID
        let field: Int
        let json: JSONTree
        let path: String
    }

    enum PathComponent {
        case member(String)
        case element(Int)
    }

    init(defaults: AvroDefaultPolicy, limits: AvroSchemaLimits) {
        self.defaults = defaults
        self.limits = limits
    }

    mutating func parse(_ text: String) throws(AvroSchemaError) -> AvroSchema {
        guard text.utf8.count <= limits.textBytes else {
            throw failure("\(text.utf8.count) bytes of text, and \(limits.textBytes) are allowed")
        }
        let json: JSONTree
        do {
            json = try JSONReader.read(text, maximumDepth: limits.jsonDepth)
        } catch {
            throw failure("not JSON at byte \(error.offset): \(error.reason)")
        }
        let root = try type(json, namespace: "")
        let draft = nodes.compactMap { $0 }
        guard draft.count == nodes.count else { throw failure("a type refers to itself before it is complete") }
        let checked = try AvroDefaultReader.fill(draft, pendingDefaults, policy: defaults, limits: limits)
        return AvroSchema(nodes: checked, root: root, named: named)
    }

    func failure(_ reason: String) -> AvroSchemaError {
        AvroSchemaError(path: pointer, reason: reason)
    }

    /// The current place as a JSON pointer.
    var pointer: String {
        path.map { component in
            switch component {
            case .member(let name): "/" + name
            case .element(let index): "/\(index)"
            }
        }.joined()
    }

    mutating func at<Result>(
        _ component: PathComponent, _ body: (inout AvroSchemaParser) throws(AvroSchemaError) -> Result
    ) throws(AvroSchemaError) -> Result {
        path.append(component)
        defer { path.removeLast() }
        return try body(&self)
    }

    /// Makes room for a named type, so that its parts can refer to it.
    mutating func claim(_ fullName: String) throws(AvroSchemaError) -> AvroTypeID {
        let id = try reserve()
        named[fullName] = id
        fullNames[id.index] = fullName
        return id
    }

    /// Makes room for a node and keeps the limit.
    mutating func reserve() throws(AvroSchemaError) -> AvroTypeID {
        guard nodes.count < limits.types else { throw failure("more than \(limits.types) types") }
        nodes.append(nil)
        return AvroTypeID(index: nodes.count - 1)
    }

    mutating func add(_ type: AvroType, _ logical: AvroLogicalType? = nil) throws(AvroSchemaError) -> AvroTypeID {
        let id = try reserve()
        nodes[id.index] = AvroNode(type: type, logicalType: logical)
        return id
    }

    /// One type: a name, a union's array, or an object.
    mutating func type(_ json: JSONTree, namespace: String) throws(AvroSchemaError) -> AvroTypeID {
        switch json {
        case .string(let name): return try reference(name, namespace: namespace, attributes: json)
        case .array(let branches): return try union(branches, namespace: namespace)
        case .object: return try object(json, namespace: namespace)
        default: throw failure("\(json.kind) where a type is expected")
        }
    }

    private mutating func object(_ json: JSONTree, namespace: String) throws(AvroSchemaError) -> AvroTypeID {
        guard let type = json["type"] else { throw failure("an object without \"type\"") }
        guard case .string(let name) = type else {
            throw failure("\"type\" of a type must be a name, not \(type.kind)")
        }
        switch name {
        case "record", "error": return try record(json, namespace: namespace)
        case "enum": return try enumeration(json, namespace: namespace)
        case "fixed": return try fixed(json, namespace: namespace)
        case "array":
            guard let items = json["items"] else { throw failure("an array without \"items\"") }
            let id = try reserve()
            let type = try at(.member("items")) { parser throws(AvroSchemaError) in
                try parser.type(items, namespace: namespace)
            }
            nodes[id.index] = AvroNode(type: .array(items: type), logicalType: nil)
            return id
        case "map":
            guard let values = json["values"] else { throw failure("a map without \"values\"") }
            let id = try reserve()
            let type = try at(.member("values")) { parser throws(AvroSchemaError) in
                try parser.type(values, namespace: namespace)
            }
            nodes[id.index] = AvroNode(type: .map(values: type), logicalType: nil)
            return id
        default: return try reference(name, namespace: namespace, attributes: json)
        }
    }

    private mutating func union(_ branches: [JSONTree], namespace: String) throws(AvroSchemaError) -> AvroTypeID {
        let id = try reserve()
        var ids: [AvroTypeID] = []
        var seen: Set<String> = []
        for (index, branch) in branches.enumerated() {
            let type = try at(.element(index)) { parser throws(AvroSchemaError) in
                if case .array = branch { throw parser.failure("a union directly inside a union") }
                let type = try parser.type(branch, namespace: namespace)
                let name = parser.name(of: type)
                guard seen.insert(name).inserted else { throw parser.failure("\(name) twice in one union") }
                return type
            }
            ids.append(type)
        }
        nodes[id.index] = AvroNode(type: .union(ids), logicalType: nil)
        return id
    }

    /// The name by which a union tells its branches apart.
    private func name(of id: AvroTypeID) -> String {
        if let type = nodes[id.index]?.type { return type.named?.fullName ?? type.name }
        return fullNames[id.index] ?? "a type"
    }

    /// A primitive, or a named type that is known already.
    private mutating func reference(
        _ name: String, namespace: String, attributes: JSONTree
    ) throws(AvroSchemaError) -> AvroTypeID {
        if let primitive = AvroType(primitive: name) {
            return try add(primitive, AvroLogicalType(attributes, on: primitive))
        }
        if AvroName.complex.contains(name) { throw failure("\(name) needs an object with its parts") }
        guard AvroName.isDotted(name) else { throw failure("\(quoted(name)) is no name of a type") }
        let full = AvroName.full(name, in: namespace)
        if let id = named[full] { return id }
        if let id = try imported(full) { return id }
        throw failure("the type \(quoted(full)) is not defined before this use")
    }
}

extension AvroType {
    init?(primitive name: String) {
        switch name {
        case "null": self = .null
        case "boolean": self = .boolean
        case "int": self = .int
        case "long": self = .long
        case "float": self = .float
        case "double": self = .double
        case "bytes": self = .bytes
        case "string": self = .string
        default: return nil
        }
    }
}

/// A name of a hostile schema, short enough for a message.
func quoted(_ name: String) -> String {
    let shown = name.unicodeScalars.prefix(80).map { $0.isASCII && $0.value >= 0x20 ? Character($0) : "?" }
    return "\"" + String(shown) + (name.unicodeScalars.count > 80 ? "…" : "") + "\""
}
