/// The text of one SQL statement, written in the program's source: values stand in it as `$1`, `$2` … only.
///
/// It takes nothing but literals, so no text is ever built from input.
package struct PostgresStatement: Sendable, Hashable {
    private let literal: StaticString
    private var isExplained = false

    /// The statement `sql`.
    package init(_ sql: StaticString) { literal = sql }

    /// The text, for dry runs and messages.
    package var text: String {
        let text = literal.withUTF8Buffer { String(decoding: $0, as: UTF8.self) }
        return isExplained ? "EXPLAIN (FORMAT JSON) " + text : text
    }

    /// The statement that asks for this one's plan, as JSON, without carrying it out.
    package var explained: PostgresStatement {
        var copy = self
        copy.isExplained = true
        return copy
    }

    /// The same text.
    package static func == (left: PostgresStatement, right: PostgresStatement) -> Bool {
        left.isExplained == right.isExplained
            && (left.literal.utf8Start == right.literal.utf8Start || left.text == right.text)
    }

    /// Equal statements hash alike.
    package func hash(into hasher: inout Hasher) {
        literal.withUTF8Buffer { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension PostgresStatement: ExpressibleByStringLiteral {
    /// A statement is a literal of the program, never made of values.
    package init(stringLiteral value: StaticString) { self.init(value) }
}

/// The text of a file of SQL statements that belongs to the program, such as a migration. Not for input.
package struct PostgresScript: Sendable {
    let text: String

    /// A script read from a file that is installed with the program.
    package init(fileText text: String) { self.text = text }

    /// A script written in the program's source.
    package init(_ text: StaticString) { self.text = text.withUTF8Buffer { String(decoding: $0, as: UTF8.self) } }
}
