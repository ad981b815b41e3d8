import Redis
import Testing

@Suite struct KeyTests {
    @Test("every key of the table, plain: the plan's names")
    func plain() {
        let keys = RedisKeys(.plain)
        #expect(keys.badge(merchant: "m1", customer: "c1", badge: "first") == "badge:m1:c1:first")
        #expect(keys.leaderboard(merchant: "m1") == "leaderboard:m1")
        #expect(keys.leaderboardVersion(merchant: "m1") == "leaderboard_version:m1")
        #expect(keys.processed(merchant: "m1", event: "e1") == "processed:m1:e1")
        #expect(keys.translation(key: "k", locale: "en") == "translations:k:en")
        #expect(keys.revokedToken("j") == "jwt_blacklist:j")
        #expect(keys.eligibility(merchant: "m1", customer: "c1") == "eligibility:m1:c1")
        #expect(RedisKeys.fill(keys.translation(key: "k", locale: "en")) == "fill:translations:k:en")
    }

    @Test("tagged: one merchant's keys share a slot, and so do a key and its fill")
    func tagged() {
        let keys = RedisKeys(.tagged)
        #expect(keys.badge(merchant: "m1", customer: "c1", badge: "first") == "badge:{m1}:c1:first")
        #expect(keys.translation(key: "k", locale: "en") == "translations:{k}:en")
        #expect(keys.revokedToken("j") == "jwt_blacklist:{j}")
        let board = keys.leaderboard(merchant: "m1")
        for other in [
            keys.leaderboardVersion(merchant: "m1"), keys.processed(merchant: "m1", event: "e"),
            keys.eligibility(merchant: "m1", customer: "c"), keys.badge(merchant: "m1", customer: "c", badge: "b"),
        ] {
            #expect(RedisKeys.sharesSlot(board, other))
        }
        for key in ["k", "a}b", "{a", "%", "'\"", "🏆", "{}", "a{b}c", "x:y"] {
            let name = keys.translation(key: key, locale: "en")
            #expect(RedisKeys.sharesSlot(name, RedisKeys.fill(name)))
        }
        // Such a key has no tag: it is never cached, and its names are taken away one by one.
        let odd = keys.translation(key: "}x", locale: "en")
        #expect(!RedisKeys.sharesSlot(odd, RedisKeys.fill(odd)))
        #expect(CacheInvalidation.commands(of: odd, unless: nil, inCluster: true).count == 2)
        #expect(CacheInvalidation.commands(of: odd, unless: nil, inCluster: false).count == 1)
    }
}
