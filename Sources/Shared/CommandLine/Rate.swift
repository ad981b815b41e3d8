import Configuration

/// A limit of records a second.
package enum Rate: Sendable, Equatable, CustomStringConvertible {
    /// No limit (`max`).
    case unlimited
    /// At most this many records a second, at least 1.
    case perSecond(Int)

    /// What can be meant, records a second.
    package static let range = 1...10_000_000

    /// Reads `N` or `max`.
    /// - Throws: `ValueError` when it is neither, or N outside `range`.
    package init(_ text: String, in range: ClosedRange<Int> = Self.range) throws(ValueError) {
        if text == "max" {
            self = .unlimited
            return
        }
        guard text.utf8.count <= 18, let number = Int(text), range.contains(number) else {
            let bounds = "\(HumanText.count(range.lowerBound)) to \(HumanText.count(range.upperBound))"
            throw ValueError(text, isNot: "a rate", give: "whole records a second (\(bounds)), or max")
        }
        self = .perSecond(number)
    }

    /// As a user would type it.
    package var description: String {
        switch self {
        case .unlimited: "max"
        case .perSecond(let count): "\(count)"
        }
    }
}
