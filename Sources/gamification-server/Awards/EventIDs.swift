import Crypto
import Postgres

/// The ids of an award's events: version 5 UUIDs (RFC 9562) of what the award is, so that every retry, instance and replay of
/// one award names the same events (contracts, section 7).
enum EventIDs {
    /// `6ba7b812-9dad-11d1-80b4-00c04fd430c8`
    private static let namespace = PostgresUUID(high: 0x6ba7_b812_9dad_11d1, low: 0x80b4_00c0_4fd4_30c8)
    /// The task type of the notification.
    static let notification = "badge_awarded_notification"

    /// The id of `badge.awarded`. Ids are in lower-case canonical form.
    static func awarded(merchant: String, customer: String, badge: String) -> PostgresUUID {
        version5("gamification.v1/badge.awarded/", merchant, customer, badge)
    }

    /// The id of the notification's `badge.task`.
    static func task(merchant: String, customer: String, badge: String) -> PostgresUUID {
        version5("gamification.v1/badge.task/", merchant, customer, badge, task: notification)
    }

    private static func version5(
        _ kind: String, _ merchant: String, _ customer: String, _ badge: String, task: String? = nil
    ) -> PostgresUUID {
        let slash = UInt8(ascii: "/")
        var message: [UInt8] = []
        message.reserveCapacity(192 + badge.utf8.count)
        for word in [namespace.high.bigEndian, namespace.low.bigEndian] {
            withUnsafeBytes(of: word) { message.append(contentsOf: $0) }
        }
        message.append(contentsOf: kind.utf8)
        message.append(contentsOf: merchant.utf8)
        message.append(slash)
        message.append(contentsOf: customer.utf8)
        message.append(slash)
        message.append(contentsOf: badge.utf8)
        if let task {
            message.append(slash)
            message.append(contentsOf: task.utf8)
        }
        let digest = SHA1.digest(of: message)
        var (high, low): (UInt64, UInt64) = (0, 0)
        for index in 0..<8 {
            high = high << 8 | UInt64(digest[index])
            low = low << 8 | UInt64(digest[index + 8])
        }
        return PostgresUUID(
            high: high & ~0xF000 | 0x5000, low: low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000)
    }
}
