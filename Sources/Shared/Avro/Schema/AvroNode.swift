/// Names one type inside one `AvroSchema`: an index into its nodes. Types refer to each other by it, so that recursive
/// schemas need no reference cycles.
package struct AvroTypeID: Hashable, Sendable {
    let index: Int
}

/// One type of a schema.
package struct AvroNode: Sendable {
    /// The type itself.
    package let type: AvroType
    /// The logical type on top of it, if there is a valid one.
    package let logicalType: AvroLogicalType?
}

/// The types of Avro 1.11.
package enum AvroType: Sendable {
    case null
    case boolean
    case int
    case long
    case float
    case double
    case bytes
    case string
    case fixed(AvroFixed)
    case enumeration(AvroEnumeration)
    case array(items: AvroTypeID)
    case map(values: AvroTypeID)
    /// The branches in order, never another union, no type twice.
    case union([AvroTypeID])
    case record(AvroRecord)

    /// The type's name as schemas spell it.
    package var name: String {
        switch self {
        case .null: "null"
        case .boolean: "boolean"
        case .int: "int"
        case .long: "long"
        case .float: "float"
        case .double: "double"
        case .bytes: "bytes"
        case .string: "string"
        case .fixed: "fixed"
        case .enumeration: "enum"
        case .array: "array"
        case .map: "map"
        case .union: "union"
        case .record: "record"
        }
    }

    /// The name of a record, enum or fixed.
    package var named: AvroNamed? {
        switch self {
        case .fixed(let fixed): fixed.named
        case .enumeration(let enumeration): enumeration.named
        case .record(let record): record.named
        default: nil
        }
    }
}

/// What records, enums and fixed have in common.
package struct AvroNamed: Sendable, Hashable {
    /// Namespace and name, joined by a dot; the name alone where there is no namespace.
    package let fullName: String
    /// Full names by which a reader also takes a writer's type for this one.
    package let aliases: [String]
    /// The schema's `doc`.
    package let documentation: String?

    /// The name without its namespace.
    package var name: Substring {
        fullName[(fullName.lastIndex(of: ".").map(fullName.index(after:)) ?? fullName.startIndex)...]
    }

    /// The namespace, empty if there is none.
    var namespace: Substring { fullName.lastIndex(of: ".").map { fullName[..<$0] } ?? "" }
}

/// A byte string whose length the schema gives.
package final class AvroFixed: Sendable {
    /// Its name and aliases.
    package let named: AvroNamed
    /// Length in bytes, 0 to 2,147,483,647.
    package let size: Int

    init(named: AvroNamed, size: Int) {
        self.named = named
        self.size = size
    }
}

/// A closed list of symbols.
package final class AvroEnumeration: Sendable {
    /// Its name and aliases.
    package let named: AvroNamed
    /// The symbols in order; an encoded enum is an index into them.
    package let symbols: [String]
    /// What a reader makes of a symbol that it does not know.
    package let defaultSymbol: String?
    let indexOfSymbol: [String: Int]

    init(named: AvroNamed, symbols: [String], defaultSymbol: String?, indexOfSymbol: [String: Int]) {
        self.named = named
        self.symbols = symbols
        self.defaultSymbol = defaultSymbol
        self.indexOfSymbol = indexOfSymbol
    }
}

/// A sequence of named fields.
package final class AvroRecord: Sendable {
    /// Its name and aliases.
    package let named: AvroNamed
    /// The fields in the order in which they are encoded.
    package let fields: [AvroField]
    private let indexOfField: [String: Int]

    init(named: AvroNamed, fields: [AvroField]) {
        self.named = named
        self.fields = fields
        indexOfField = Dictionary(fields.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The position of the field with this exact name; aliases are not looked at.
    package func index(ofField name: String) -> Int? { indexOfField[name] }
}

/// One field of a record.
package struct AvroField: Sendable {
    /// The field's name.
    package let name: String
    /// The field's type.
    package let type: AvroTypeID
    /// What a reader takes for a field that the writer does not have.
    package let defaultValue: AvroValue?
    /// How the field counts when records are compared.
    package let order: AvroFieldOrder
    /// Names by which a reader also takes a writer's field for this one.
    package let aliases: [String]
    /// The schema's `doc`.
    package let documentation: String?
}

/// How a field counts when records are compared.
package enum AvroFieldOrder: String, Sendable {
    case ascending, descending, ignore
}
