import Avro
import Testing

@testable import Events

@Suite("Conditions on fields")
struct FieldConditionTests {
    private static let schemaText = """
        {"type":"record","name":"R","fields":[
         {"name":"badge","type":"string"},{"name":"points","type":"long"},{"name":"day","type":["null","int"]},
         {"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},{"name":"flag","type":"boolean"},
         {"name":"rank","type":"double"},{"name":"kind","type":{"type":"enum","name":"K","symbols":["A","B"]}},
         {"name":"address","type":{"type":"record","name":"Address","fields":[{"name":"city","type":["null","string"]}]}},
         {"name":"tags","type":{"type":"map","values":"string"}},{"name":"raw","type":"bytes"}]}
        """
    private static let value = AvroValue.record([
        .string("gold"), .long(25), .union(branch: 0, .null), .long(1_764_511_200_000), .boolean(true), .double(1.5),
        .enumeration("B"), .record([.union(branch: 1, .string("Ghent"))]),
        .map([.init(key: "a", value: .string("old")), .init(key: "a", value: .string("new"))]), .bytes([1]),
    ])

    @Test(
        "equal values match, by type",
        arguments: [
            ("badge", "gold"), ("points", "25"), ("day", "null"), ("at", "1764511200000"),
            ("at", "2025-11-30T14:00:00Z"), ("at", "2025-11-30T15:00:00+01:00"), ("flag", "true"), ("rank", "1.5"),
            ("kind", "B"), ("address.city", "Ghent"), ("tags.a", "new"),
        ])
    func matching(path: String, value: String) throws {
        let schema = try AvroSchema.parse(Self.schemaText)
        let condition = try #require(FieldCondition(path: path, value: value))
        #expect(condition.matches(Self.value, of: schema))
    }

    @Test(
        "anything else does not",
        arguments: [
            ("badge", "Gold"), ("badge", ""), ("points", "26"), ("points", "x"), ("day", "0"), ("at", "2025-11-30"),
            ("flag", "1"), ("kind", "C"), ("address", "Ghent"), ("address.town", "Ghent"), ("tags.a", "old"),
            ("tags.b", "null"), ("raw", "1"), ("nothing", "null"), ("badge.x", "gold"),
        ])
    func other(path: String, value: String) throws {
        let schema = try AvroSchema.parse(Self.schemaText)
        let condition = try #require(FieldCondition(path: path, value: value))
        #expect(!condition.matches(Self.value, of: schema))
    }

    @Test(
        "paths that are none",
        arguments: ["", ".", "a.", ".a", "a..b", Array(repeating: "a", count: 17).joined(separator: ".")])
    func paths(path: String) {
        #expect(FieldCondition(path: path, value: "x") == nil)
    }
}
