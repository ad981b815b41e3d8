import Events
import Testing

@Suite("Ids")
struct IdentifierTests {
    @Test("UUIDs are the same in either case, and are written in lower case")
    func uuid() throws {
        let lower = try #require(Identifier("01234567-89ab-cdef-fedc-ba9876543210"))
        let upper = try #require(Identifier("01234567-89AB-CDEF-FEDC-BA9876543210"))
        #expect(lower == upper && lower.hashValue == upper.hashValue && lower.isUUID)
        #expect(upper.description == "01234567-89ab-cdef-fedc-ba9876543210")
        #expect(lower != Identifier("01234567-89ab-cdef-fedc-ba9876543211"))
    }

    @Test(
        "other ids are compared byte for byte",
        arguments: [
            ("m1", "M1"), ("é", "e\u{301}"), ("0123456789abcdeffedcba9876543210", "0123456789ABCDEFFEDCBA9876543210"),
            ("01234567-89ab-cdef-fedc-ba987654321g", "01234567-89AB-cdef-fedc-ba987654321g"),
        ])
    func other(left: String, right: String) throws {
        let id = try #require(Identifier(left))
        #expect(id != Identifier(right) && id == Identifier(left) && !id.isUUID && id.description == left)
        #expect(Set([id, try #require(Identifier(right))]).count == 2)
    }

    @Test("what is no id")
    func refused() {
        #expect(Identifier("") == nil && Identifier(String(repeating: "a", count: 257)) == nil)
        #expect(Identifier(String(repeating: "a", count: 256)) != nil)
        #expect([0xC3, 0x28].withUnsafeBytes { Identifier(bytes: $0) } == nil)
    }
}
