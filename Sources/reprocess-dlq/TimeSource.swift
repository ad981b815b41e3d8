import CommandLine

/// The wall clock.
enum TimeSource {
    /// Milliseconds since 1970.
    static func milliseconds() -> Int64 { TimePoint.now().milliseconds }
}
