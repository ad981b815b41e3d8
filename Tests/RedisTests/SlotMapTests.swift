import Testing

@testable import Redis

@Suite struct SlotMapTests {
    private static let asked = RedisAddress(host: "10.0.0.1", port: 7000)

    private static func node(_ host: RedisReply, _ port: Int64) -> RedisReply {
        .array([host, .integer(port), .text("id"), .array([])])
    }

    private static func range(_ first: Int64, _ last: Int64, _ host: String, _ port: Int64) -> RedisReply {
        .array([.integer(first), .integer(last), node(.text(host), port), node(.text("replica"), 1)])
    }

    private func map(_ ranges: RedisReply...) throws -> SlotMap {
        try SlotMap(slots: .array(ranges), askedAt: Self.asked)
    }

    @Test("ranges, in any order, with holes")
    func ranges() throws {
        let map = try map(Self.range(200, 16_383, "b", 2), Self.range(0, 99, "a", 1))
        #expect(map.owner(of: 0) == RedisAddress(host: "a", port: 1))
        #expect(map.owner(of: 99) == RedisAddress(host: "a", port: 1))
        #expect(map.owner(of: 100) == nil)
        #expect(map.owner(of: 200) == RedisAddress(host: "b", port: 2))
        #expect(map.primaries.count == 2)
        #expect(map.covered == 16_284)
    }

    @Test(
        "a host that is null, empty or unknown is the one that was asked",
        arguments: [RedisReply.null, .text(""), .text("?")])
    func ownHost(host: RedisReply) throws {
        let map = try map(.array([.integer(0), .integer(1), Self.node(host, 7001)]))
        #expect(map.owner(of: 0) == RedisAddress(host: "10.0.0.1", port: 7001))
    }

    @Test("a redirection changes one slot")
    func change() throws {
        var map = try map(Self.range(0, 16_383, "a", 1))
        map.set(5, to: RedisAddress(host: "c", port: 3))
        #expect(map.owner(of: 5) == RedisAddress(host: "c", port: 3))
        #expect(map.owner(of: 6) == RedisAddress(host: "a", port: 1))
    }

    @Test(
        "what makes no sense is refused whole",
        arguments: [
            RedisReply.null, .integer(1), .text("x"), .array([.null]), .array([.array([])]),
            .array([range(-1, 5, "a", 1)]), .array([range(5, 4, "a", 1)]), .array([range(0, 16_384, "a", 1)]),
            .array([range(0, Int64.max, "a", 1)]), .array([range(0, 5, "a", 0)]), .array([range(0, 5, "a", 65_536)]),
            .array([range(0, 5, "a b", 1)]), .array([range(0, 5, String(repeating: "h", count: 300), 1)]),
            .array([range(0, 5, "a", 1), range(5, 6, "b", 2)]),
            .array([.array([.integer(0), .integer(1), .array([.text("a")])])]),
            .array([.array([.text("x"), .integer(1), node(.text("a"), 1)])]),
            .array((0..<1_001).map { range($0, $0, "host\($0)", 1) }),
        ])
    func hostile(reply: RedisReply) {
        #expect(redisError { _ = try SlotMap(slots: reply, askedAt: Self.asked) }?.kind == .protocolViolation)
    }
}
