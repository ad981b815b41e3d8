/// Chooses a few records out of many, spread over kinds: the first of every kind before the second of any. Memory is
/// bounded by the number of records chosen, not by what goes by.
struct CanaryChoice {
    /// What a record is told apart by.
    struct Kind: Hashable {
        let reason: String
        let merchant: String
    }

    private let count: Int
    private var entries: [Kind: [PlanEntry]] = [:]
    private var held = 0
    /// More kinds are not told apart: then the later ones are not represented.
    static let maximumKinds = 10_000

    /// - Parameter count: how many records to choose; at least 1.
    init(count: Int) { self.count = count }

    /// Looks at a record.
    ///
    /// - Returns: false where no later record can change the choice.
    mutating func take(_ entry: PlanEntry, _ kind: Kind) -> Bool {
        let known = entries[kind]?.count ?? 0
        guard known > 0 || entries.count < Self.maximumKinds else { return true }
        // More of one kind than all together are never chosen.
        if known < count {
            entries[kind, default: []].append(entry)
            held += 1
        }
        // What is not chosen now never will be: more records only leave less room for each kind.
        if held > 2 * count + 1_000 { keep(chosen) }
        return entries.count < count
    }

    private mutating func keep(_ choice: [PlanEntry]) {
        let places = Set(choice.map { PlanLog.Place(partition: $0.partition, offset: $0.offset) })
        entries = entries.mapValues { list in
            list.filter { places.contains(.init(partition: $0.partition, offset: $0.offset)) }
        }
        held = places.count
    }

    /// The choice, in the order of partitions and offsets.
    var chosen: [PlanEntry] {
        let kinds = entries.keys.sorted { ($0.reason, $0.merchant) < ($1.reason, $1.merchant) }
        var result: [PlanEntry] = []
        var round = 0
        while result.count < count {
            let next = kinds.compactMap { kind in
                entries[kind].flatMap { $0.indices.contains(round) ? $0[round] : nil }
            }
            if next.isEmpty { break }
            result += next.prefix(count - result.count)
            round += 1
        }
        return result.sorted { ($0.partition, $0.offset) < ($1.partition, $1.offset) }
    }
}
