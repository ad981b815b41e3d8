import Redrive
import Synchronization

/// Entries of a plan that were met and not sent. Any thread.
final class PlanLog: Sendable {
    /// Why an entry was not sent.
    enum Reason: String, Sendable {
        /// Another record stands there, or it was changed.
        case changed
        /// The record had no body, and its origin no longer has it.
        case bodyGone = "body_gone"
    }

    struct Place: Hashable, Sendable {
        let partition: Int32
        let offset: Int64
    }

    private struct Met {
        /// By partition, the offsets of all that was noted, and of those whose body is gone.
        var all: [Int32: DoneSet] = [:]
        var bodyGone: [Int32: DoneSet] = [:]
        var count: Int64 = 0
    }

    private let met = Mutex(Met())

    /// Notes an entry; one that is read again after an abort counts once.
    func note(_ place: Place, _ reason: Reason) {
        let offset = place.offset..<place.offset + 1
        met.withLock { met in
            if met.all[place.partition]?.contains(place.offset) != true { met.count += 1 }
            met.all[place.partition, default: DoneSet(committed: 0)].insert(offset)
            if reason == .bodyGone { met.bodyGone[place.partition, default: DoneSet(committed: 0)].insert(offset) }
        }
    }

    /// How many entries were noted.
    var count: Int64 { met.withLock(\.count) }

    /// The first of them, in the order of partitions and offsets.
    func first(_ limit: Int) -> [(place: Place, reason: Reason)] {
        met.withLock { met in
            var result: [(place: Place, reason: Reason)] = []
            for (partition, offsets) in met.all.sorted(by: { $0.key < $1.key }) {
                for offset in offsets.ranges(from: 0).lazy.joined().prefix(limit - result.count) {
                    let isGone = met.bodyGone[partition]?.contains(offset) == true
                    result.append((Place(partition: partition, offset: offset), isGone ? .bodyGone : .changed))
                }
            }
            return result
        }
    }
}
