import CommandLine

/// Which groups a run looks at: `--locale` and `--key`.
struct Selection: Sendable, Equatable {
    /// Nil for all.
    var locales: [String]?
    /// Nil for all.
    var key: Glob?

    /// The pattern of LIKE that means the same, with `\` before what LIKE would take for its own.
    var like: String? {
        guard let key else { return nil }
        var pattern = ""
        for token in Self.tokens(key.description) {
            switch token {
            case .any: pattern += "%"
            case .one: pattern += "_"
            case .literal(let scalar):
                if "\\%_".unicodeScalars.contains(scalar) { pattern += "\\" }
                pattern.unicodeScalars.append(scalar)
            }
        }
        return pattern
    }

    /// What every selected key begins with.
    var prefix: String {
        guard let key else { return "" }
        var prefix = String.UnicodeScalarView()
        for token in Self.tokens(key.description) {
            guard case .literal(let scalar) = token else { break }
            prefix.append(scalar)
        }
        return String(prefix)
    }

    /// The first text, by bytes, that is behind all with the prefix; nil where there is none.
    var end: String? {
        var scalars = Array(prefix.unicodeScalars)
        guard let last = scalars.popLast() else { return nil }
        // Surrogates are no scalars: what follows U+D7FF is U+E000.
        guard let next = Unicode.Scalar(last.value == 0xD7FF ? 0xE000 : last.value + 1) else { return nil }
        scalars.append(next)
        return String(String.UnicodeScalarView(scalars))
    }

    private enum Token {
        case any
        case one
        case literal(Unicode.Scalar)
    }

    /// Reads a `Glob`'s text as it does.
    private static func tokens(_ text: String) -> [Token] {
        var tokens: [Token] = []
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if isEscaped {
                tokens.append(.literal(scalar))
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else {
                tokens.append(scalar == "*" ? .any : (scalar == "?" ? .one : .literal(scalar)))
            }
        }
        return tokens
    }
}
