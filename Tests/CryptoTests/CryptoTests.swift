import Crypto
import Testing

/// Known answers of FIPS 180-4 and NIST's CAVP (SHA256ShortMsg).
@Suite("SHA-256")
struct SHA256Tests {
    static let vectors: [(message: String, digest: String)] = [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("616263", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "6162636462636465636465666465666765666768666768696768696a68696a6b696a6b6c6a6b6c6d6b6c6d6e6c6d6e6f6d6e6f706e6f7071",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        ("d3", "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1"),
        ("11af", "5ca7133fa735326081558ac312c620eeca9970d1e70a4b95533d956f072d1f98"),
        ("74ba2521", "b16aa56be3880d18cd41e68384cf1ec8c17680c45a02b1575dc1518923ae8b0e"),
    ]

    @Test("known answers, one context for all of them", arguments: [1, 3, 64])
    func vectors(part: Int) throws {
        var hasher = try SHA256Hasher()
        for (message, digest) in Self.vectors {
            let bytes = try #require(Hexadecimal.decode(message))
            bytes.withUnsafeBytes { buffer in
                var rest = buffer[...]
                while !rest.isEmpty {
                    hasher.update(UnsafeRawBufferPointer(rebasing: rest.prefix(part)))
                    rest = rest.dropFirst(part)
                }
            }
            #expect(hasher.finish().description == digest)
            #expect(bytes.withUnsafeBytes { hasher.digest(of: $0) }.description == digest)
        }
    }

    @Test("a million times the letter a")
    func longMessage() throws {
        let message = [UInt8](repeating: 0x61, count: 1_000_000)
        let digest = try message.withUnsafeBytes { bytes throws(CryptoError) in try SHA256Digest.of(bytes) }
        #expect(digest.description == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test("a digest read back equals itself, and only 32 bytes are a digest")
    func readBack() throws {
        let digest = try SHA256Digest.of(UnsafeRawBufferPointer(start: nil, count: 0))
        let again = digest.withBytes { SHA256Digest(bytes: $0) }
        #expect(again == digest)
        #expect(again?.hashValue == digest.hashValue)
        let other = try [UInt8](repeating: 1, count: 3).withUnsafeBytes { try SHA256Digest.of($0) }
        #expect(other != digest)
        for count in [0, 31, 33] {
            #expect([UInt8](repeating: 0, count: count).withUnsafeBytes { SHA256Digest(bytes: $0) } == nil)
        }
    }
}

@Suite("Hexadecimal and random bytes")
struct HexadecimalTests {
    @Test("every byte there and back")
    func roundTrip() throws {
        let bytes = (0...255).map { UInt8($0) }
        let text = bytes.withUnsafeBytes { Hexadecimal.encode($0) }
        #expect(text.hasPrefix("000102") && text.hasSuffix("fdfeff"))
        #expect(Hexadecimal.decode(text) == bytes)
        #expect(Hexadecimal.decode(text.uppercased()) == bytes)
    }

    @Test("what is no hexadecimal is refused", arguments: ["0", "abc", "0g", "é0", " 00", "0x00"])
    func refused(text: String) {
        #expect(Hexadecimal.decode(text) == nil)
    }

    @Test("random ids have the length asked for and differ")
    func randomIDs() throws {
        var seen: Set<String> = []
        for _ in 0..<1_000 {
            let id = try RandomBytes.hexadecimalID()
            #expect(id.utf8.count == 32 && Hexadecimal.decode(id) != nil)
            #expect(seen.insert(id).inserted)
        }
        #expect(try RandomBytes.hexadecimalID(byteCount: 0).isEmpty)
        #expect(throws: CryptoError.self) { try RandomBytes.hexadecimalID(byteCount: RandomBytes.limit + 1) }
    }
}
