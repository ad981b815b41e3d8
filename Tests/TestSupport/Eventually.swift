import Glibc

/// Polls until `condition` holds: the one place in the tests that sleeps, and never longer than 5 ms at a time.
///
/// - Parameter deadline: seconds after which it gives up. Generous by default: it only matters to a test that fails.
/// - Returns: whether the condition held in time.
package func eventually(
    deadline: Double = 30, isolation: isolated (any Actor)? = #isolation, _ condition: () async throws -> Bool
) async rethrows -> Bool {
    let end = monotonicSeconds() + deadline
    while true {
        if try await condition() { return true }
        if monotonicSeconds() > end || Task.isCancelled { return false }
        try? await Task.sleep(for: .milliseconds(5))
    }
}

/// The same for code that blocks; never call it on the cooperative pool.
package func eventuallyBlocking(deadline: Double = 30, _ condition: () throws -> Bool) rethrows -> Bool {
    let end = monotonicSeconds() + deadline
    while true {
        if try condition() { return true }
        if monotonicSeconds() > end { return false }
        usleep(5_000)
    }
}

/// CLOCK_MONOTONIC in seconds.
package func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
