/// A set of header names, one bit each.
package struct HeaderNameSet: Sendable, Hashable, ExpressibleByArrayLiteral {
    private var bits: UInt64

    /// The set of these names.
    package init(arrayLiteral names: HeaderName...) {
        bits = names.reduce(0) { $0 | 1 << UInt64($1.rawValue) }
    }

    /// The names from one to another, in the order of `HeaderName`.
    init(_ range: ClosedRange<HeaderName>) {
        bits = (1 << (UInt64(range.upperBound.rawValue) + 1)) - 1 << UInt64(range.lowerBound.rawValue)
    }

    /// Whether it holds nothing.
    package var isEmpty: Bool { bits == 0 }

    /// Whether it holds a name.
    package func contains(_ name: HeaderName) -> Bool {
        bits & 1 << UInt64(name.rawValue) != 0
    }

    /// Whether it holds any name of another set.
    package func intersects(_ other: HeaderNameSet) -> Bool {
        bits & other.bits != 0
    }

    /// Whether it holds no name of another set.
    package func isDisjoint(with other: HeaderNameSet) -> Bool {
        bits & other.bits == 0
    }

    /// Adds a name; answers whether it was there before.
    @discardableResult
    package mutating func insert(_ name: HeaderName) -> Bool {
        let bit: UInt64 = 1 << UInt64(name.rawValue)
        defer { bits |= bit }
        return bits & bit != 0
    }

    /// This set with another's names.
    package func union(_ other: HeaderNameSet) -> HeaderNameSet {
        var result = self
        result.bits |= other.bits
        return result
    }

    /// Its members, in the order of `HeaderName`.
    package var names: [HeaderName] {
        HeaderName.allCases.filter { contains($0) }
    }
}
