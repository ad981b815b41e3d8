/// Finds the right name for a mistyped one.
package enum Nearest {
    /// The candidate that `name` was most likely meant to be, or nil where none is close: one that begins with it,
    /// else the smallest optimal-string-alignment distance (a swap of neighbours counts one), up to a third of the
    /// name's length. Ties go to the first candidate. Names over 64 bytes match nothing.
    package static func match(_ name: String, among candidates: [String]) -> String? {
        let typed = Array(name.lowercased().utf8)
        guard !typed.isEmpty, typed.count <= 64 else { return nil }
        if typed.count >= 2 {
            let completed = candidates.filter { $0.utf8.starts(with: typed) }
            if let shortest = completed.min(by: { $0.utf8.count < $1.utf8.count }) { return shortest }
        }
        var best: (name: String, distance: Int)?
        for candidate in candidates {
            let right = Array(candidate.lowercased().utf8)
            let allowed = max(1, min(typed.count, right.count) / 3)
            guard right.count <= 64, abs(right.count - typed.count) <= allowed else { continue }
            let found = distance(typed, right)
            // A single letter is one edit away from every other: no hint is better than a random one.
            if found <= allowed, found < right.count, found < best?.distance ?? .max { best = (candidate, found) }
        }
        return best?.name
    }

    /// Optimal string alignment distance in bytes; both sides at most 64 bytes long.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        for row in 0..<left.count {
            var current = [row + 1] + [Int](repeating: 0, count: right.count)
            for column in 0..<right.count {
                let substitution = last[column] + (left[row] == right[column] ? 0 : 1)
                var cost = min(substitution, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current[column + 1] = cost
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
