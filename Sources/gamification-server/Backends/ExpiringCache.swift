import Lifecycle

/// A bounded cache whose entries live for a time: when it is full the oldest half of what came in goes (two generations, so
/// that neither a lookup nor an insertion moves anything).
struct ExpiringCache<Key: Hashable, Value> {
    private struct Entry {
        let value: Value
        let expiry: MonotonicInstant
    }

    private let limit: Int
    private var young: [Key: Entry] = [:]
    private var old: [Key: Entry] = [:]

    /// An empty cache for at most `limit` entries.
    init(limit: Int) { self.limit = max(2, limit) }

    /// Entries that it holds, expired ones included.
    var count: Int { young.count + old.count }

    /// The value under `key`, if it has not expired.
    func value(_ key: Key, at now: MonotonicInstant) -> Value? {
        guard let entry = young[key] ?? old[key], now < entry.expiry else { return nil }
        return entry.value
    }

    /// Keeps `value` until `expiry`, unless it is crowded out.
    mutating func insert(_ value: Value, for key: Key, until expiry: MonotonicInstant) {
        if young.count >= limit / 2 {
            old = young
            young = [:]
            young.reserveCapacity(limit / 2)
        }
        young[key] = Entry(value: value, expiry: expiry)
    }

    /// Forgets one entry.
    mutating func remove(_ key: Key) {
        young[key] = nil
        old[key] = nil
    }

    /// Forgets everything.
    mutating func removeAll() {
        young = [:]
        old = [:]
    }
}
