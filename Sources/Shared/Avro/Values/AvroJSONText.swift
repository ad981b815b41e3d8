/// Writes a value as JSON for people: fields by name, logical types by their meaning, bytes in hexadecimal, a union's
/// branch as itself. It is not Avro's JSON encoding and cannot be read back.
package struct AvroJSONText {
    /// Stands for what is not shown.
    package static let mask = "***"

    private let schema: AvroSchema
    private let masked: Set<String>
    private var text = ""

    /// One line of JSON for `value`, which is of `schema`.
    ///
    /// - Parameter masked: names of fields whose contents stand as `***`, wherever they are.
    package static func text(_ value: AvroValue, of schema: AvroSchema, masking masked: Set<String> = []) -> String {
        var writer = AvroJSONText(schema: schema, masked: masked)
        writer.write(value, schema.root)
        return writer.text
    }

    private init(schema: AvroSchema, masked: Set<String>) {
        self.schema = schema
        self.masked = masked
    }

    private mutating func write(_ value: AvroValue, _ id: AvroTypeID) {
        let node = schema[id]
        if let logical = AvroLogicalValue(value, node) {
            quote(logical.description)
            return
        }
        switch (value, node.type) {
        case (.null, _): text += "null"
        case (.boolean(let flag), _): text += flag ? "true" : "false"
        case (.int(let number), _): text += String(number)
        case (.long(let number), _): text += String(number)
        case (.float(let number), _): write(number)
        case (.double(let number), _): write(number)
        case (.bytes(let bytes), _), (.fixed(let bytes), _): quote(hexadecimal(bytes))
        case (.string(let string), _), (.enumeration(let string), _): quote(string)
        case (.array(let items), .array(let type)):
            list("[", "]", items) { writer, item in writer.write(item, type) }
        case (.map(let entries), .map(let type)):
            list("{", "}", entries) { writer, entry in
                writer.quote(entry.key)
                writer.text += ":"
                writer.write(entry.value, type)
            }
        case (.union(let branch, let value), .union(let branches)) where branches.indices.contains(branch):
            write(value, branches[branch])
        case (.record(let values), .record(let record)):
            list("{", "}", Array(zip(record.fields, values))) { writer, pair in
                let (field, value) = pair
                writer.quote(field.name)
                writer.text += ":"
                if writer.masked.contains(field.name), value.unwrapped != .null {
                    writer.quote(Self.mask)
                } else {
                    writer.write(value, field.type)
                }
            }
        default: text += "null"
        }
    }

    private mutating func list<Element>(
        _ open: String, _ close: String, _ elements: [Element], _ body: (inout AvroJSONText, Element) -> Void
    ) {
        text += open
        for (index, element) in elements.enumerated() {
            if index > 0 { text += "," }
            body(&self, element)
        }
        text += close
    }

    /// JSON has no words for infinities and not-a-number: they stand as text.
    private mutating func write(_ number: some BinaryFloatingPoint & CustomStringConvertible) {
        if number.isFinite { text += number.description } else { quote(number.description) }
    }

    private mutating func quote(_ string: String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            // Control characters, those of C1 too: hostile text must not steer a terminal.
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }

    private func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
