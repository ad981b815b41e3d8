import Lifecycle

/// A least-recently-used cache by schema id, bounded by count and by cost. A lookup of the latest hit moves nothing.
struct BoundedCache<Value> {
    private struct Entry {
        var id: Int32
        var value: Value?
        var cost: Int
        var expiry: MonotonicInstant
        var newer: Int
        var older: Int
    }

    private static var none: Int { -1 }

    private let countLimit: Int
    private let costLimit: Int
    private var slots: [Int32: Int] = [:]
    private var entries: [Entry] = []
    private var free: [Int] = []
    private var newest = Self.none
    private var oldest = Self.none
    /// What all entries cost together.
    private(set) var cost = 0

    /// An empty cache for at most `countLimit` entries that together cost at most `costLimit`.
    init(countLimit: Int, costLimit: Int) {
        self.countLimit = countLimit
        self.costLimit = costLimit
    }

    /// The entries.
    var count: Int { slots.count }

    /// The value under `id`, nil if there is none. `now` is asked only where there is one.
    mutating func value(_ id: Int32, now: () -> MonotonicInstant) -> Value? {
        guard let slot = slots[id] else { return nil }
        if entries[slot].expiry != MonotonicInstant(nanoseconds: .max), entries[slot].expiry <= now() {
            remove(slot)
            return nil
        }
        if slot != newest {
            unlink(slot)
            linkAsNewest(slot)
        }
        return entries[slot].value
    }

    /// Keeps `value` until `expiry`, in place of the oldest entries where the bounds ask for it. A value that alone
    /// exceeds the cost limit is not kept.
    mutating func insert(
        _ value: Value, id: Int32, cost: Int, expiry: MonotonicInstant = MonotonicInstant(nanoseconds: .max)
    ) {
        if let slot = slots[id] { remove(slot) }
        guard cost <= costLimit, countLimit > 0 else { return }
        while slots.count >= countLimit || self.cost > costLimit - cost { remove(oldest) }
        let entry = Entry(id: id, value: value, cost: cost, expiry: expiry, newer: Self.none, older: Self.none)
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            entries[slot] = entry
        } else {
            slot = entries.count
            entries.append(entry)
        }
        slots[id] = slot
        self.cost += cost
        linkAsNewest(slot)
    }

    private mutating func remove(_ slot: Int) {
        unlink(slot)
        slots[entries[slot].id] = nil
        cost -= entries[slot].cost
        entries[slot].value = nil
        free.append(slot)
    }

    private mutating func unlink(_ slot: Int) {
        let (newer, older) = (entries[slot].newer, entries[slot].older)
        if newer == Self.none { newest = older } else { entries[newer].older = older }
        if older == Self.none { oldest = newer } else { entries[older].newer = newer }
    }

    private mutating func linkAsNewest(_ slot: Int) {
        entries[slot].newer = Self.none
        entries[slot].older = newest
        if newest == Self.none { oldest = slot } else { entries[newest].newer = slot }
        newest = slot
    }
}
