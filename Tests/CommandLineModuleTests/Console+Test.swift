import Configuration
import Synchronization
import TestSupport

@testable import CommandLine

/// A clock that stands until it is set.
final class ManualClock: Sendable {
    private let time = Mutex(Duration.zero)

    var now: Duration { time.withLock { $0 } }

    func advance(_ duration: Duration) { time.withLock { $0 += duration } }
}

extension Console {
    /// A console of these streams in a UTF-8 terminal environment.
    static func test(
        input: Stream? = nil, output: Stream, errors: Stream, clock: ManualClock = ManualClock(),
        environment: [String: String] = [:]
    ) -> Console {
        let base = ["TERM": "xterm", "LANG": "C.UTF-8"]
        return Console(
            input: input?.inner ?? -1, output: output.inner, errors: errors.inner,
            environment: Environment(base.merging(environment) { $1 }), now: { clock.now })
    }
}
