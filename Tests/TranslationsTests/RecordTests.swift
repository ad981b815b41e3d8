import Avro
import TestSupport
import Testing
import Translations

@Suite("Groups and records")
struct RecordTests {
    @Test("Groups are told apart and ordered by bytes")
    func groups() {
        let composed = TranslationGroup(key: "\u{E9}", locale: "en")
        let decomposed = TranslationGroup(key: "e\u{301}", locale: "en")
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(decomposed < composed)
        #expect(!(composed < decomposed))
        #expect(TranslationGroup(key: "a", locale: "de") < TranslationGroup(key: "a", locale: "en"))
        #expect(TranslationGroup(key: "Z", locale: "en") < TranslationGroup(key: "a", locale: "de"))
    }

    @Test("The schema is the file's, and what is written by it can be read by it")
    func schema() throws {
        let file = try readText("\(ServiceHome.packageRoot)/schemas/cache.invalidate.avsc")
        let schema = try AvroSchema.parse(CacheInvalidateRecord.schemaText)
        #expect(try AvroSchema.parse(file).canonicalForm == schema.canonicalForm)
        let group = TranslationGroup(key: "🏆 'x'", locale: "pt-BR")
        let bytes = try CacheInvalidateRecord.value(
            group, encoder: AvroEncoder(schema: schema), schemaID: 258, now: 1_790_000_000_123)
        #expect(bytes.prefix(5) == [0, 0, 0, 1, 2])
        let value = try AvroDecoder(schema: schema).decode(Array(bytes.dropFirst(5)))
        #expect(
            value
                == .record([
                    .string("translations:🏆 'x':pt-BR"), .string("00000000-0000-0000-0000-000000000000"),
                    .string("translation"), .string("pt-BR"), .long(1_790_000_000_123),
                ]))
        #expect(CacheInvalidateRecord.key(group) == Array("translations:🏆 'x':pt-BR".utf8))
    }
}
