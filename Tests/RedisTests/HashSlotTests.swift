import Redis
import TestSupport
import Testing

@testable import Redis

@Suite struct HashSlotTests {
    @Test("CRC16 gives the cluster specification's check value")
    func checkValue() {
        let value = Array("123456789".utf8).withUnsafeBytes { HashSlot.crc16($0) }
        #expect(value == 0x31C3)
    }

    @Test(
        "slots of the specification's examples",
        arguments: [("foo", 12_182), ("bar", 5_061), ("hello", 866), ("", 0), ("somekey", 11_058)])
    func examples(key: String, slot: Int) { #expect(Int(HashSlot.of(key)) == slot) }

    @Test("hash tags as the specification has them")
    func tags() {
        #expect(HashSlot.of("{user1000}.following") == HashSlot.of("{user1000}.followers"))
        #expect(HashSlot.of("{user1000}.following") == HashSlot.of("user1000"))
        // An empty tag is none, and only the first brace counts.
        #expect(HashSlot.of("foo{}{bar}") != HashSlot.of("bar"))
        #expect(HashSlot.of("foo{{bar}}zap") == HashSlot.of("{bar"))
        #expect(HashSlot.of("foo{bar}{zap}") == HashSlot.of("bar"))
        #expect(HashSlot.of("a}b{c}d") == HashSlot.of("c"))
        #expect(HashSlot.of("open{only") != HashSlot.of("only"))
    }

    @Test("a command's place is its keys'")
    func places() {
        #expect(RedisCommand("PING").place == .anywhere)
        #expect(RedisCommand("GET", key: "{a}x").place == .slot(HashSlot.of("a")))
        let script = RedisScript("return 1")
        #expect(RedisCommand(script, keys: ["{a}x", "{a}y"]).place == .slot(HashSlot.of("a")))
        #expect(RedisCommand(script, keys: ["a", "b"]).place == .nowhere)
        #expect(RedisCommand(script, keys: ["{a}x", "{a}y"]).withText().place == .slot(HashSlot.of("a")))
    }
}
