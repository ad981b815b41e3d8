import Avro
import Events

/// The event in a record of the demonstration: every part of it follows from its number.
struct Event {
    static let merchants = [
        "c0ffee00-0000-4000-8000-000000000001",
        "b00c5000-0000-4000-8000-000000000002",
        "5e700000-0000-4000-8000-000000000003",
    ]
    private static let mix: [EventType] = [
        .pointsEarned, .pointsEarned, .customerUpdated, .pointsEarned, .badgeAwarded, .pointsEarned, .badgeTask,
        .customerUpdated, .pointsEarned, .cacheInvalidate,
    ]
    private static let badges = ["early-bird", "regular", "big-spender", "reviewer"]
    private static let locales = ["en", "de", "pt-BR"]

    let number: Int
    /// When it arose, in milliseconds since 1970.
    let time: Int64
    let type: EventType

    /// What a customer earns by it.
    let points: Int64

    /// - Parameters:
    ///   - type: nil takes the next of the mix.
    ///   - points: nil takes what follows from the number, 10 to 985.
    init(number: Int, time: Int64, type: EventType? = nil, points: Int64? = nil) {
        self.number = number
        self.time = time
        self.type = type ?? Self.mix[number % Self.mix.count]
        self.points = points ?? Int64(number % 40 * 25 + 10)
    }

    /// Half of all events are the first merchant's.
    var merchant: String { Self.merchants[[0, 1, 0, 2][number / 3 % 4]] }
    var customer: String { Self.uuid(kind: 0xc0de, number * 7 % 431) }
    var traceID: String { "d3a0" + Self.padded(number + 1, radix: 16, width: 28) }
    var key: String { type == .cacheInvalidate ? "translation:\(merchant):\(badge):\(locale)" : customer }

    private var id: String { Self.uuid(kind: 0xe0e0, number) }
    private var badge: String { Self.badges[number / 5 % Self.badges.count] }
    private var locale: String { Self.locales[number / 7 % Self.locales.count] }

    /// The record that the type's schema describes.
    func value(merchant: String) -> AvroValue {
        let time = AvroValue.long(time)
        let optional = [AvroValue.union(branch: 1, time), .union(branch: 1, .string(traceID))]
        let names = [AvroValue.string(id), .string(merchant), .string(customer)]
        switch type {
        case .pointsEarned:
            return .record([names[0], names[2], names[1], .long(points)] + optional)
        case .customerUpdated:
            let email = AvroValue.string("customer\(number)@example.com")
            return .record([names[0], names[2], names[1], email, .string(locale)] + optional)
        case .badgeAwarded:
            return .record(names + [.string(badge), .int(1), .string(locale), time, .string(traceID)])
        case .badgeTask:
            return .record(names + [.string("badge_awarded_notification"), .string(locale), time, .string(traceID)])
        case .cacheInvalidate:
            return .record([.string(key), .string(merchant), .string("translation"), .string(locale), time])
        }
    }

    private static func uuid(kind: Int, _ number: Int) -> String {
        "\(padded(number * 2_654_435_761 % 0xffff_fffb, radix: 16, width: 8))-\(padded(kind, radix: 16, width: 4))"
            + "-4000-8000-\(padded(number, radix: 16, width: 12))"
    }

    private static func padded(_ number: Int, radix: Int, width: Int) -> String {
        let digits = String(number, radix: radix)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
