/// A pattern in which `*` stands for any characters and `?` for one; everything else means itself, and `\` takes a
/// meaning away. The whole text has to match, in time proportional to pattern times text at worst.
package struct Glob: Sendable, Equatable, CustomStringConvertible {
    private enum Token: Sendable, Equatable {
        case any
        case one
        case scalar(Unicode.Scalar)
    }

    private let tokens: [Token]
    /// The pattern as it was given.
    package let description: String

    /// Reads a pattern of 1 to 256 characters.
    /// - Throws: `ValueError` when it is empty, too long or ends with a lone `\`.
    package init(_ pattern: String) throws(ValueError) {
        guard (1...256).contains(pattern.unicodeScalars.count) else {
            throw ValueError("a pattern has 1 to 256 characters")
        }
        var tokens: [Token] = []
        var isEscaped = false
        for scalar in pattern.unicodeScalars {
            switch scalar {
            case _ where isEscaped:
                tokens.append(.scalar(scalar))
                isEscaped = false
            case "\\": isEscaped = true
            case "*": if tokens.last != .any { tokens.append(.any) }
            case "?": tokens.append(.one)
            default: tokens.append(.scalar(scalar))
            }
        }
        guard !isEscaped else { throw ValueError(pattern, isNot: "a pattern", give: "\\\\ for a backslash at its end") }
        self.tokens = tokens
        description = pattern
    }

    /// True if the whole of `text` matches.
    package func matches(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        var position = 0
        var token = 0
        var lastStar: (token: Int, position: Int)?
        while position < scalars.count {
            if token < tokens.count, tokens[token] == .any {
                lastStar = (token, position)
                token += 1
            } else if token < tokens.count, tokens[token] == .one || tokens[token] == .scalar(scalars[position]) {
                token += 1
                position += 1
            } else if let star = lastStar {
                // Only the last star needs to give way: whatever an earlier one took, this one can take as well.
                lastStar = (star.token, star.position + 1)
                token = star.token + 1
                position = star.position + 1
            } else {
                return false
            }
        }
        return tokens[token...].allSatisfy { $0 == .any }
    }
}
