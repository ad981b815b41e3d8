import Crypto
import Testing

@Suite struct SHA1Tests {
    @Test(
        "FIPS 180's examples, and lengths around the block's end",
        arguments: [
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
            ),
            (String(repeating: "a", count: 1_000), "291e9a6c66994949b57ba5e650361e98fc36b1ba"),
        ])
    func examples(message: String, digest: String) { #expect(SHA1.hexadecimal(of: message.utf8) == digest) }

    @Test("every length through three blocks, against sha1sum's answers for 55, 56, 63, 64 and 119")
    func lengths() {
        let known = [
            55: "c1c8bbdc22796e28c0e15163d20899b65621d65a", 56: "c2db330f6083854c99d4b5bfb6e8f29f201be699",
            63: "03f09f5b158a7a8cdad920bddc29b81c18a551f5", 64: "0098ba824b5c16427bd7a1122a5a442a25ec644d",
            119: "ee971065aaa017e0632a8ca6c77bb3bf8b1dfc56",
        ]
        for (length, digest) in known {
            #expect(SHA1.hexadecimal(of: [UInt8](repeating: 0x61, count: length)) == digest)
        }
    }
}
