/// Makes random schemas as JSON. Unions hold no two branches that Python's types cannot tell apart.
struct RandomSchema {
    var random: Seeded
    private var names = 0
    /// Complete or surrounding named types, to refer to again. Only records may refer to themselves, through a union.
    private var complete: [String] = []
    private var surrounding: [String] = []

    init(_ random: Seeded) { self.random = random }

    mutating func make() -> String {
        (names, complete, surrounding) = (0, [], [])
        return record(depth: 0)
    }

    private mutating func name(_ prefix: String) -> String {
        names += 1
        return "\(prefix)\(names)"
    }

    private mutating func type(depth: Int) -> String {
        let simple = depth >= 4
        switch random.below(simple ? 10 : 17) {
        case 0: return #""boolean""#
        case 1: return #""int""#
        case 2: return #""long""#
        case 3: return #""float""#
        case 4: return #""double""#
        case 5: return #""bytes""#
        case 6, 7: return #""string""#
        case 8, 9: return logical()
        case 10: return fixed()
        case 11: return enumeration()
        case 12: return #"{"type":"array","items":\#(type(depth: depth + 1))}"#
        case 13: return #"{"type":"map","values":\#(type(depth: depth + 1))}"#
        case 14: return record(depth: depth + 1)
        case 15: return complete.isEmpty ? #""null""# : "\"\(random.pick(complete))\""
        default: return union(depth: depth + 1)
        }
    }

    private mutating func logical() -> String {
        random.pick([
            #"{"type":"string","logicalType":"uuid"}"#, #"{"type":"int","logicalType":"date"}"#,
            #"{"type":"int","logicalType":"time-millis"}"#, #"{"type":"long","logicalType":"time-micros"}"#,
            #"{"type":"long","logicalType":"timestamp-millis"}"#, #"{"type":"long","logicalType":"timestamp-micros"}"#,
            #"{"type":"long","logicalType":"local-timestamp-millis"}"#,
            #"{"type":"long","logicalType":"local-timestamp-micros"}"#,
            #"{"type":"bytes","logicalType":"decimal","precision":9,"scale":3}"#,
        ])
    }

    private mutating func fixed() -> String {
        let name = name("Fixed")
        complete.append(name)
        return #"{"type":"fixed","name":"\#(name)","size":\#(random.pick([0, 1, 4, 12, 40]))}"#
    }

    private mutating func enumeration() -> String {
        let name = name("Enum")
        complete.append(name)
        let symbols = (0...random.below(70)).map { "\"S\($0)\"" }.joined(separator: ",")
        return #"{"type":"enum","name":"\#(name)","symbols":[\#(symbols)]}"#
    }

    private mutating func record(depth: Int) -> String {
        let name = name("Record")
        surrounding.append(name)
        let fields = (0..<random.below(depth == 0 ? 9 : 5)).map { index in
            #"{"name":"f\#(index)","type":\#(type(depth: depth + 1))}"#
        }
        surrounding.removeLast()
        complete.append(name)
        return #"{"type":"record","name":"\#(name)","fields":[\#(fields.joined(separator: ","))]}"#
    }

    private mutating func union(depth: Int) -> String {
        var branches = random.chance(80) ? ["\"null\""] : []
        if random.chance(40) { branches.append(random.pick(["\"int\"", "\"long\"", "\"float\"", "\"double\""])) }
        if random.chance(40) { branches.append("\"string\"") }
        if random.chance(20) { branches.append("\"bytes\"") }
        if random.chance(15) { branches.append("\"boolean\"") }
        if random.chance(15) { branches.append(#"{"type":"array","items":\#(type(depth: depth + 1))}"#) }
        if random.chance(25) { branches.append(random.chance(50) ? fixed() : enumeration()) }
        if random.chance(20) { branches.append(record(depth: depth + 1)) }
        if random.chance(25), branches.first == "\"null\"" { branches.append("\"\(random.pick(surrounding))\"") }
        if branches.isEmpty { branches.append("\"null\"") }
        return "[" + branches.joined(separator: ",") + "]"
    }
}
