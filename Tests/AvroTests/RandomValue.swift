@testable import Avro

/// Makes random values of a schema, small enough to be many; logical types within what every library can represent.
struct RandomValue {
    let schema: AvroSchema
    var random: Seeded

    mutating func make() -> AvroValue { value(schema.root, depth: 0) }

    private mutating func value(_ id: AvroTypeID, depth: Int) -> AvroValue {
        let node = schema[id]
        switch node.type {
        case .null: return .null
        case .boolean: return .boolean(random.chance(50))
        case .int:
            switch node.logicalType {
            case .date: return .int(Int32(random.below(60_000) - 30_000))
            case .timeMillis: return .int(Int32(random.below(86_400_000)))
            default: return .int(Int32(truncatingIfNeeded: integer()))
            }
        case .long:
            switch node.logicalType {
            case .timeMicros: return .long(Int64(random.below(86_400_000_000)))
            case .timestampMillis, .localTimestampMillis: return .long(Int64(random.below(4_000_000_000_000)))
            case .timestampMicros, .localTimestampMicros: return .long(Int64(random.below(4_000_000_000_000_000)))
            default: return .long(integer())
            }
        case .float:
            return .float(random.pick([0, -0.0, 1.5, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude]))
        case .double:
            return .double(random.chance(50) ? Double(integer()) / 7 : random.pick([0, -0.0, .infinity, 1e-300]))
        case .bytes:
            if case .decimal = node.logicalType { return .bytes(decimal()) }
            return .bytes(bytes(random.below(40)))
        case .string: return .string(node.logicalType == .uuid ? uuid() : text())
        case .fixed(let fixed): return .fixed(bytes(fixed.size))
        case .enumeration(let enumeration): return .enumeration(random.pick(enumeration.symbols))
        case .array(let items): return .array((0..<length(depth)).map { _ in value(items, depth: depth + 1) })
        case .map(let values):
            return .map(
                (0..<length(depth)).map { index in
                    AvroMapEntry(key: "\(index)" + text(), value: value(values, depth: depth + 1))
                })
        case .union(let branches):
            let branch = depth > 6 ? 0 : random.below(branches.count)
            return .union(branch: branch, value(branches[branch], depth: depth + 1))
        case .record(let record): return .record(record.fields.map { value($0.type, depth: depth + 1) })
        }
    }

    private mutating func length(_ depth: Int) -> Int { depth > 6 ? 0 : random.pick([0, 0, 1, 2, 5]) }

    private mutating func integer() -> Int64 {
        switch random.below(6) {
        case 0: return .min
        case 1: return .max
        default: return Int64(bitPattern: random.next()) >> Int64(random.below(64))
        }
    }

    private mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(random.below(256)) } }

    private mutating func text() -> String {
        let alphabet: [Character] = [
            "a", "b", "Z", "0", " ", "\"", "\\", "é", "ß", "☃", "日", "😀", "\u{0}", "\u{10FFFF}",
        ]
        let pieces = random.chance(70) ? 5 : alphabet.count
        let letters = (0..<random.below(30)).map { _ in alphabet[random.below(pieces)] }
        return letters.filter { $0 != "\u{0}" }.reduce(into: "") { $0.append($1) }
    }

    private mutating func uuid() -> String {
        let digits = (0..<32).map { _ in String(random.below(16), radix: 16) }.joined()
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text += "-" }
            text.append(digit)
        }
        return text
    }

    /// The shortest two's complement of up to nine digits, as every library writes it.
    private mutating func decimal() -> [UInt8] {
        let number = random.below(1_999_999_999) - 999_999_999
        var bytes = withUnsafeBytes(of: Int64(number).bigEndian) { Array($0) }
        while bytes.count > 1, bytes[0] == (bytes[1] < 0x80 ? 0 : 0xFF) { bytes.removeFirst() }
        return bytes
    }
}
