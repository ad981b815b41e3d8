/// A semantic version (semver.org, 2.0.0), ordered by precedence. The database orders the same way with `semver_order`
/// (migrations/0001); a test compares the two.
struct SemanticVersion: Sendable, Comparable {
    private enum Identifier: Equatable {
        /// Digits without leading zeros: of any length, so they stay text.
        case number(Substring)
        case word(Substring)
    }

    private let core: [Substring]
    /// Empty for a release.
    private let prerelease: [Identifier]

    /// Reads a version of at most 256 characters; nil for anything that is none.
    init?(_ text: String) {
        guard text.unicodeScalars.count <= 256 else { return nil }
        let plus = text.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        guard let version = plus.first, plus.count == 1 || Self.isBuild(plus[1]) else { return nil }
        let dash = version.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        core = dash[0].split(separator: ".", omittingEmptySubsequences: false)
        guard core.count == 3, core.allSatisfy(Self.isNumber) else { return nil }
        guard dash.count == 2 else {
            prerelease = []
            return
        }
        var identifiers: [Identifier] = []
        for part in dash[1].split(separator: ".", omittingEmptySubsequences: false) {
            if part.utf8.allSatisfy(Self.isDigit) {
                guard Self.isNumber(part) else { return nil }
                identifiers.append(.number(part))
            } else {
                guard part.utf8.allSatisfy(Self.isWordByte) else { return nil }
                identifiers.append(.word(part))
            }
        }
        prerelease = identifiers
    }

    static func < (left: SemanticVersion, right: SemanticVersion) -> Bool { order(left, right) < 0 }

    static func == (left: SemanticVersion, right: SemanticVersion) -> Bool { order(left, right) == 0 }

    /// Negative where `left` has the lower precedence, 0 where both have the same (build metadata do not count).
    private static func order(_ left: SemanticVersion, _ right: SemanticVersion) -> Int {
        for (one, other) in zip(left.core, right.core) {
            let order = numeric(one, other)
            if order != 0 { return order }
        }
        if left.prerelease.isEmpty || right.prerelease.isEmpty {
            // A release has the higher precedence.
            return (left.prerelease.isEmpty ? 1 : 0) - (right.prerelease.isEmpty ? 1 : 0)
        }
        for (one, other) in zip(left.prerelease, right.prerelease) {
            let order = order(one, other)
            if order != 0 { return order }
        }
        return left.prerelease.count - right.prerelease.count
    }

    private static func order(_ left: Identifier, _ right: Identifier) -> Int {
        switch (left, right) {
        case (.number(let one), .number(let other)): numeric(one, other)
        case (.number, .word): -1
        case (.word, .number): 1
        case (.word(let one), .word(let other)):
            one.utf8.lexicographicallyPrecedes(other.utf8) ? -1 : (one.utf8.elementsEqual(other.utf8) ? 0 : 1)
        }
    }

    private static func numeric(_ left: Substring, _ right: Substring) -> Int {
        let difference = left.utf8.count - right.utf8.count
        if difference != 0 { return difference }
        return left.utf8.lexicographicallyPrecedes(right.utf8) ? -1 : (left.utf8.elementsEqual(right.utf8) ? 0 : 1)
    }

    private static func isNumber(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(isDigit) && (text.utf8.first != 0x30 || text.utf8.count == 1)
    }

    private static func isBuild(_ text: Substring) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false)
            .allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(isWordByte) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D
    }
}
