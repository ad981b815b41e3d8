import Kafka
import Redrive
import Testing

@Suite struct TopicRulesTests {
    private let day: Int64 = 86_400_000
    private let now: Int64 = 1_790_000_000_000

    private func rules(_ settings: [String: String]) -> TopicRules {
        TopicRules(
            topic: "t", partitionCount: 3,
            settings: Dictionary(
                uniqueKeysWithValues: settings.map {
                    ($0.key, TopicSetting(name: $0.key, value: $0.value, isDefault: false))
                }))
    }

    @Test func aTopicThatKeepsEverythingObjectsToNothing() {
        let rules = rules(["retention.ms": "-1", "cleanup.policy": "delete"])
        #expect(rules.objection(to: 0, now: now) == nil)
        #expect(rules.objection(to: now, now: now) == nil)
    }

    @Test func whatRetentionWouldDeleteWithinADayIsRefused() {
        let rules = rules(["retention.ms": "\(7 * day)", "cleanup.policy": "delete"])
        #expect(rules.objection(to: now - 6 * day + 1, now: now) == nil)
        #expect(rules.objection(to: now - 6 * day - 1, now: now)?.effect == .deleted)
        #expect(rules.objection(to: now - 10 * day, now: now)?.setting == "retention.ms=\(7 * day)")
    }

    @Test func ofAShortRetentionHalfIsTheMargin() {
        let rules = rules(["retention.ms": "\(day / 2)"])
        #expect(rules.objection(to: now - day / 5, now: now) == nil)
        #expect(rules.objection(to: now - day / 3, now: now)?.effect == .deleted)
    }

    @Test func aCompactedTopicHasNoRetention() {
        let rules = rules(["retention.ms": "1000", "cleanup.policy": "compact"])
        #expect(rules.isCompacted && !rules.isDeleting)
        #expect(rules.objection(to: 0, now: now) == nil)
    }

    @Test func timestampsThatTheBrokerRefusesOrOverwritesAreNamed() {
        #expect(rules(["message.timestamp.type": "LogAppendTime"]).objection(to: now, now: now)?.effect == .overwritten)
        let bounded = rules([
            "message.timestamp.before.max.ms": "1000", "message.timestamp.after.max.ms": "2000", "retention.ms": "-1",
        ])
        #expect(bounded.objection(to: now - 999, now: now) == nil)
        #expect(bounded.objection(to: now - 1_001, now: now)?.effect == .refused)
        #expect(bounded.objection(to: now + 1_999, now: now) == nil)
        #expect(bounded.objection(to: now + 2_001, now: now)?.effect == .refused)
        let unbounded = rules(["message.timestamp.before.max.ms": "\(Int64.max)"])
        #expect(unbounded.objection(to: 0, now: now) == nil)
        for extreme in [Int64.min, -1, .max] {
            #expect(unbounded.objection(to: extreme, now: now) == nil)
            #expect(bounded.objection(to: extreme, now: now)?.effect == .refused)
        }
        #expect(rules(["retention.ms": "1000"]).objection(to: .min, now: now)?.effect == .deleted)
    }
}
