import Redrive
import Synchronization

/// A tally that one thread sets and others read.
final class TallyBox: Sendable {
    private let value = Mutex(RunTally())

    var tally: RunTally { value.withLock { $0 } }

    func set(_ tally: RunTally) { value.withLock { $0 = tally } }
}
