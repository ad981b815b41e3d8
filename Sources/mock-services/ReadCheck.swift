import Avro

/// Whether one schema can read everything that another wrote: the rules of Avro 1.11, "Schema Resolution".
struct ReadCheck {
    private let reader: AvroSchema
    private let writer: AvroSchema
    /// Pairs of types that are being compared or have been found to match, so that recursive schemas end.
    private var assumed: Set<Pair> = []

    private struct Pair: Hashable {
        let reader: AvroTypeID
        let writer: AvroTypeID
    }

    /// Why `reader` cannot read what `writer` wrote; nil if it can.
    static func obstacle(reader: AvroSchema, writer: AvroSchema) -> String? {
        var check = ReadCheck(reader: reader, writer: writer)
        return check.obstacle(reader.root, writer.root, "")
    }

    private init(reader: AvroSchema, writer: AvroSchema) {
        self.reader = reader
        self.writer = writer
    }

    private mutating func obstacle(_ readerID: AvroTypeID, _ writerID: AvroTypeID, _ path: String) -> String? {
        let before = assumed
        guard assumed.insert(Pair(reader: readerID, writer: writerID)).inserted else { return nil }
        let found = compare(readerID, writerID, path)
        // What was found to match meanwhile may have relied on this pair.
        if found != nil { assumed = before }
        return found
    }

    private mutating func compare(_ readerID: AvroTypeID, _ writerID: AvroTypeID, _ path: String) -> String? {
        let (wanted, written) = (reader[readerID].type, writer[writerID].type)
        if case .union(let branches) = written {
            for branch in branches {
                if let found = obstacle(readerID, branch, path) { return found }
            }
            return nil
        }
        switch (wanted, written) {
        case (.union(let branches), _):
            for branch in branches where obstacle(branch, writerID, path) == nil { return nil }
            return "\(Self.place(path)): no branch of the union reads \(written.name)"
        case (.array(let items), .array(let writtenItems)): return obstacle(items, writtenItems, path + "/items")
        case (.map(let values), .map(let writtenValues)): return obstacle(values, writtenValues, path + "/values")
        case (.record(let record), .record(let writtenRecord)): return compare(record, writtenRecord, path)
        case (.enumeration(let symbols), .enumeration(let writtenSymbols)):
            guard Self.match(symbols.named, writtenSymbols.named) else { return Self.differ(path, wanted, written) }
            let missing = Set(writtenSymbols.symbols).subtracting(symbols.symbols).sorted()
            if missing.isEmpty || symbols.defaultSymbol != nil { return nil }
            return "\(Self.place(path)): the symbols \(missing.joined(separator: ", ")) are missing"
        case (.fixed(let fixed), .fixed(let writtenFixed)):
            let isSame = Self.match(fixed.named, writtenFixed.named) && fixed.size == writtenFixed.size
            return isSame ? nil : Self.differ(path, wanted, written)
        default:
            return Self.reads[wanted.name]?.contains(written.name) == true ? nil : Self.differ(path, wanted, written)
        }
    }

    private mutating func compare(_ record: AvroRecord, _ written: AvroRecord, _ path: String) -> String? {
        guard Self.match(record.named, written.named) else {
            return "\(Self.place(path)): the record \(record.named.fullName) was \(written.named.fullName)"
        }
        for field in record.fields {
            let index = ([field.name] + field.aliases).lazy.compactMap { written.index(ofField: $0) }.first
            if let index {
                let place = "\(path)/\(field.name)"
                if let found = obstacle(field.type, written.fields[index].type, place) { return found }
            } else if field.defaultValue == nil {
                return "\(Self.place(path)): the field \(field.name) is new and has no default"
            }
        }
        return nil
    }

    private static func place(_ path: String) -> String { path.isEmpty ? "at the root" : "at \(path)" }

    private static func match(_ reader: AvroNamed, _ writer: AvroNamed) -> Bool {
        reader.name == writer.name || reader.aliases.contains(writer.fullName)
    }

    private static func differ(_ path: String, _ wanted: AvroType, _ written: AvroType) -> String {
        "\(place(path)): \(wanted.named?.fullName ?? wanted.name) cannot read \(written.named?.fullName ?? written.name)"
    }

    /// The primitive types that each type reads, promotions included.
    private static let reads: [String: Set<String>] = [
        "null": ["null"], "boolean": ["boolean"], "int": ["int"], "long": ["int", "long"],
        "float": ["int", "long", "float"], "double": ["int", "long", "float", "double"],
        "bytes": ["bytes", "string"], "string": ["string", "bytes"],
    ]
}
