package import Postgres

/// Finishes intents: decides what is asked of the database, the caches and Kafka next, without a socket, clock or
/// thread, so that a program drives it from a thread of its own or from an event loop. Contracts, sections 5 and 6.
///
/// A lot of groups at a time: read the newest versions, unlink the cached names, publish `cache.invalidate` and have it
/// acknowledged, and only then clear the intents, by the ids read before. Whatever ends it in between, the intents
/// are still in the database, and doing a step twice does no harm; so two programs may sweep at once.
package struct IntentSweep: Sendable {
    /// What to do next. Each is answered by ``accept(_:)`` or ``advance()``, or by ``failed()`` and tried again.
    package enum Step: Sendable {
        /// Ask the database, and ``accept(_:)`` its answer.
        case query(IntentQuery)
        /// Carry out the commands of ``CachedTranslation/invalidation(inCluster:style:)`` for each.
        case unlink([CachedTranslation])
        /// Publish a ``CacheInvalidateRecord`` for each, and wait until all are acknowledged.
        case publish([TranslationGroup])
        case done
    }

    /// Groups told at a time.
    package static let groups = 2_000
    /// Intents read at a time.
    package static let intents = 5_000

    private enum Source {
        case upTo(Int64)
        case olderThan(Int64)
        case none
    }

    private enum Phase {
        case read
        case newest
        case unlink([CachedTranslation])
        case publish
        case clear
        case done
    }

    private let source: Source
    private var phase: Phase
    private var above: Int64 = 0
    private var waiting: ArraySlice<TranslationIntent> = []
    private var lot: [TranslationIntent] = []
    /// Groups whose intents are cleared.
    package private(set) var finished = 0

    /// Finishes intents that are known: those of one's own transactions, for example.
    package init(_ intents: [TranslationIntent]) {
        source = .none
        phase = .done
        waiting = intents[...]
        takeLot()
    }

    /// Finishes every intent up to this id that the database has when it is asked, whoever left it.
    package init(upTo last: Int64) {
        source = .upTo(last)
        phase = last > 0 ? .read : .done
    }

    /// Finishes every intent that is so old by the database's clock: whoever left it had the time to finish it.
    package init(olderThanSeconds age: Int64) {
        source = .olderThan(age)
        phase = .read
    }

    /// What is to be done now.
    package var step: Step {
        switch phase {
        case .read:
            switch source {
            case .upTo(let last): .query(.intents(above: above, upTo: last, limit: Self.intents))
            case .olderThan(let age): .query(.intents(above: above, olderThanSeconds: age, limit: Self.intents))
            case .none: .done
            }
        case .newest: .query(.newest(lot.map(\.group)))
        case .unlink(let translations): .unlink(translations)
        case .publish: .publish(lot.map(\.group))
        case .clear: .query(.clear(lot))
        case .done: .done
        }
    }

    /// The database has answered.
    package mutating func accept(_ rows: PostgresResult) {
        switch phase {
        case .read:
            guard rows.rowCount > 0, let last = rows.binaryInteger(rows.rowCount - 1, 0) else { return phase = .done }
            above = last
            waiting = TranslationIntent.read(rows)[...]
            takeLot()
        case .newest: phase = .unlink(cached(rows))
        case .clear:
            finished += lot.count
            takeLot()
        case .unlink, .publish, .done: break
        }
    }

    /// The names are unlinked, or the records are acknowledged.
    package mutating func advance() {
        switch phase {
        case .unlink: phase = .publish
        case .publish: phase = .clear
        case .read, .newest, .clear, .done: break
        }
    }

    /// The step did not succeed, and ``step`` is tried again. What was the newest version may not be it by then.
    package mutating func failed() {
        if case .unlink = phase { phase = .newest }
    }

    private mutating func takeLot() {
        lot = Array(waiting.prefix(Self.groups))
        waiting = waiting.dropFirst(Self.groups)
        if !lot.isEmpty {
            phase = .newest
        } else if case .none = source {
            phase = .done
        } else {
            phase = .read
        }
    }

    private func cached(_ rows: PostgresResult) -> [CachedTranslation] {
        var newest = [String?](repeating: nil, count: lot.count)
        for row in 0..<rows.rowCount {
            let number = Int(rows.binaryInteger(row, 0) ?? 0) - 1
            if newest.indices.contains(number) {
                newest[number] = "\(rows.text(row, 1) ?? "")|\(rows.text(row, 2) ?? "")"
            }
        }
        return zip(lot, newest).map { CachedTranslation(group: $0.group, newest: $1) }
    }
}
