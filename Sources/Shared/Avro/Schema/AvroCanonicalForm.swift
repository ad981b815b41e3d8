extension AvroSchema {
    /// The Parsing Canonical Form (Avro 1.11, "Transforming into Parsing Canonical Form"): equal for two schemas
    /// exactly when they read the same bytes the same way. Types taken from references stand in full where they are
    /// first used.
    package var canonicalForm: String {
        var writer = AvroCanonicalWriter(schema: self, maximumDepth: .max)
        writer.write(root, depth: 0)
        return writer.text
    }

    /// The form of one type, or nil if it nests too deep to be walked from there. From the root the nesting is that of
    /// the text, which the parser has bounded.
    func canonicalForm(of id: AvroTypeID) -> String? {
        var writer = AvroCanonicalWriter(schema: self, maximumDepth: 512)
        writer.write(id, depth: 0)
        return writer.isTooDeep ? nil : writer.text
    }
}

private struct AvroCanonicalWriter {
    let schema: AvroSchema
    let maximumDepth: Int
    var text = ""
    var isTooDeep = false
    private var defined: Set<String> = []

    init(schema: AvroSchema, maximumDepth: Int) {
        self.schema = schema
        self.maximumDepth = maximumDepth
    }

    mutating func write(_ id: AvroTypeID, depth: Int) {
        guard depth < maximumDepth else {
            isTooDeep = true
            return
        }
        let type = schema[id].type
        if let named = type.named {
            guard defined.insert(named.fullName).inserted else {
                text += "\"\(named.fullName)\""
                return
            }
            text += "{\"name\":\"\(named.fullName)\",\"type\":\"\(type.name)\""
        }
        switch type {
        case .array(let items):
            text += "{\"type\":\"array\",\"items\":"
            write(items, depth: depth + 1)
            text += "}"
        case .map(let values):
            text += "{\"type\":\"map\",\"values\":"
            write(values, depth: depth + 1)
            text += "}"
        case .union(let branches): writeList(branches, "[", "]") { $0.write($1, depth: depth + 1) }
        case .fixed(let fixed): text += ",\"size\":\(fixed.size)}"
        case .enumeration(let enumeration):
            writeList(enumeration.symbols, ",\"symbols\":[", "]}") { $0.text += "\"\($1)\"" }
        case .record(let record):
            writeList(record.fields, ",\"fields\":[", "]}") { writer, field in
                writer.text += "{\"name\":\"\(field.name)\",\"type\":"
                writer.write(field.type, depth: depth + 1)
                writer.text += "}"
            }
        default: text += "\"\(type.name)\""
        }
    }

    private mutating func writeList<Element>(
        _ elements: [Element], _ open: String, _ close: String, _ body: (inout Self, Element) -> Void
    ) {
        text += open
        for (index, element) in elements.enumerated() {
            if index > 0 { text += "," }
            body(&self, element)
        }
        text += close
    }
}
