/// When a badge is due: every threshold that is given must be reached.
struct BadgeRule: Sendable, Equatable {
    /// The thresholds that a rule may have, in the order in which the file's documentation lists them.
    enum Threshold: String, CaseIterable, Sendable {
        /// The customer's points, all events together.
        case totalPoints = "total_points"
        /// The points of one event.
        case eventPoints = "event_points"
        /// How many events were counted.
        case events
        /// Days in a row, in UTC, on which points were earned.
        case streakDays = "streak_days"
    }

    /// The badge: a translation's key, byte for byte.
    let badge: String
    /// By `Threshold.allCases`; `Int64.min` where none is given.
    private var thresholds: (total: Int64, event: Int64, events: Int64, streak: Int64) = (.min, .min, .min, .min)

    /// A rule without thresholds, which every event meets; the reader refuses to leave it at that.
    init(badge: String) { self.badge = badge }

    /// The value of a threshold; nil where the rule has none of this kind.
    subscript(_ threshold: Threshold) -> Int64? {
        get {
            let value =
                switch threshold {
                case .totalPoints: thresholds.total
                case .eventPoints: thresholds.event
                case .events: thresholds.events
                case .streakDays: thresholds.streak
                }
            return value == .min ? nil : value
        }
        set {
            let value = newValue ?? .min
            switch threshold {
            case .totalPoints: thresholds.total = value
            case .eventPoints: thresholds.event = value
            case .events: thresholds.events = value
            case .streakDays: thresholds.streak = value
            }
        }
    }

    /// Whether a customer with this standing, after an event of `eventPoints`, has earned the badge.
    func isMet(by standing: CustomerStanding, eventPoints: Int64) -> Bool {
        standing.points >= thresholds.total && eventPoints >= thresholds.event && standing.events >= thresholds.events
            && standing.streak >= thresholds.streak
    }

    /// Whether it is this badge's. Not by `==`: texts that Unicode calls equivalent are different badges.
    func isFor(_ badge: String) -> Bool { self.badge.utf8.elementsEqual(badge.utf8) }

    /// Whether it looks at one event's points, so that not every event of a customer who has earned it shows that.
    var looksAtOneEvent: Bool { thresholds.event != .min }

    static func == (left: Self, right: Self) -> Bool {
        left.isFor(right.badge) && left.thresholds == right.thresholds
    }
}

/// Where a customer stands, as `customer_points` has it.
struct CustomerStanding: Sendable, Equatable {
    /// The sum of all points, at most 2^53 - 1 either way.
    var points: Int64
    /// How many events were counted.
    var events: Int64
    /// Days in a row with events, up to the last one.
    var streak: Int64
    /// Rises with every change.
    var version: Int64
}
