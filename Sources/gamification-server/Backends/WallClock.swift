import Observability

/// The time of day, in milliseconds since 1970.
enum WallClock {
    static func milliseconds() -> Int64 { Timestamp.now().milliseconds }
}

/// Times as PostgreSQL sends them in binary form: microseconds since 2000-01-01.
enum PostgresTime {
    private static let epoch: Int64 = 946_684_800_000

    /// Milliseconds since 1970.
    static func milliseconds(_ microseconds: Int64) -> Int64 { microseconds / 1_000 + epoch }
}
