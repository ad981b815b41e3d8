import CommandLine

/// The wall clock.
package enum TimeSource {
    /// Milliseconds since 1970.
    package static func milliseconds() -> Int64 { TimePoint.now().milliseconds }
}
