import Foundation
import Testing

@testable import Avro

@Suite struct InflateTests {
    private func inflate(_ bytes: [UInt8], limit: Int = 1 << 20) throws(Inflate.Failure) -> [UInt8] {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(Inflate.Failure) in try Inflate.decompress(buffer, limit: limit) }
        }
        return try result.get()
    }

    @Test func storedFixedAndEmptyBlocks() throws {
        #expect(try inflate([0x01, 0x03, 0x00, 0xFC, 0xFF, 1, 2, 3]) == [1, 2, 3])
        #expect(try inflate([0x03, 0x00]) == [])
        #expect(try inflate([0x03, 0x00, 0xAA, 0xBB, 0xCC]) == [])
        // "aaaaaaaaaa" as one literal and one match.
        #expect(try inflate([0x4B, 0x4C, 0x84, 0x01, 0x00]) == Array(repeating: 0x61, count: 10))
    }

    @Test(
        arguments: [
            [], [0x07], [0x01, 0x03], [0x01, 0x03, 0x00, 0xFC, 0xFE, 1, 2, 3], [0x01, 0x03, 0x00, 0xFC, 0xFF, 1, 2],
            [0x4B], [0x05, 0xFF, 0xFF, 0xFF], [0x03, 0x02],
        ] as [[UInt8]])
    func refuses(bytes: [UInt8]) {
        #expect(throws: Inflate.Failure.self) { try inflate(bytes) }
    }

    @Test func outputIsBounded() throws {
        let bomb: [UInt8] = [0x4B, 0x4C, 0x84, 0x01, 0x00]
        #expect(throws: Inflate.Failure.tooLarge) { try inflate(bomb, limit: 9) }
        #expect(try inflate(bomb, limit: 10).count == 10)
    }

    /// 300 words, deflated by zlib with codes of their own.
    private static let words = bytes(
        hex:
            "6556db91d4400c4cc52158f39e700cb70514c5421d47110049101f91604bddd2ecde9777c77ab65a3d3e7e1faf2f3d6d1f8e"
            + "974fb78c67cbdbb7dbebc7cfc7fdadeddbbfbf7fcad88ecb5092bf08935ab7afbfee2fb7d9cd7bcc302a97779a662079fbf1"
            + "fdcbfded6746baeb659bf6e74c719976f79d2ca65bee19afcefa34e019d8029e3f2ee71189514b85e540b0a439cfd0e62755"
            + "bb4b7a28665a0b5caae5cd03c6bd4601c57f9ea756a6a0ccb0aa9a2c3159572847d394ac4fff35c4483b4ad8e1d2b4b2056a"
            + "9c4f18f6ea0e572694705667d3c2dfe96879fd0cd43992ca2e07daeffd0ab9c738702e0def11fd848bfd2364423ad6169c29"
            + "814da1db40381459c2ba37a03201a319b2398c8b9c1db0961dc802e1d9483a1628e824391d614afc323b1045bf801d0ed435"
            + "3f5937046c368342529ee3b770d9b7cb66ada73de89cec243a9781daf1a6ea2c9a16427a26ad6300be8a2569fd913003d32a"
            + "daca88719a1dd63a01808c5d6407d97672f1f2c501da270becc9aea20943cfe71ae7e49ea0bbae6b4215496129fac2f15c96"
            + "ce576ad9f8e63ba4510bf8219de300716c9e8b92756edbe8e6d230ffbcfb18482d838b8b353c22ca69ce49702107e7002936"
            + "77068104693bd215605a932ba331be3d117811a4e9218e07412f41716b0dccf27517921314e83af2a70aa8849427105bcad3"
            + "b0f3ee1a687e8b62ce504168582050d079326df4856265178fd87cedab9bf31c50b1c2e12b6778009f117c190e4d7699b42e"
            + "f974bd60c5b2ccccc86d044580587cde4a9c7e2fef34886a46f9037bb3500b6cf1c5e768ac512982e089e383fd88b517d834"
            + "269e8f775a427c210d7cf377577f5f745a5a05e911690accd49b3435bf337df060af8ed6ef548a767ff71541f1aded71947e"
            + "272689cbd1822cab0cce28654a7505e0cd453dc69cc81680de875f380cb8bbacba065d5a65cd083e3a6cfa0b191769d775aa"
            + "ae5710a5a9c4c9150120bafc52419ffb7f")

    @Test func dynamicCodes() throws {
        let text = String(decoding: try inflate(Self.words), as: UTF8.self)
        #expect(text.utf8.count == 2460 && text.split(separator: " ").count == 300 && text.contains("☃"))
    }

    @Test func damagedStreamsEndInAnErrorOrInBytes() {
        var mutation = Mutation(random: Seeded())
        var refused = 0
        for _ in 0..<500 {
            let bytes = mutation.damage(Self.words, and: Self.words)
            do {
                #expect(try inflate(bytes, limit: 100_000).count <= 100_000)
            } catch {
                refused += 1
            }
        }
        #expect(refused > 50)
    }
}
