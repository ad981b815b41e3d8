package import CommandLine

/// `--max-lag TOPIC:GROUP=N`.
package struct LagLimit: Sendable, Hashable, CustomStringConvertible {
    /// Where the consumers read.
    package let topic: String
    /// Whose lag it is.
    package let group: String
    /// Records that the group may have before it.
    package let records: Int64

    /// - Throws: `ValueError` where the text names no such limit.
    package init(_ text: String) throws(ValueError) {
        guard let colon = text.firstIndex(of: ":"), let equals = text.lastIndex(of: "="), colon < equals,
            let number = Int64(text[text.index(after: equals)...]), (1...1_000_000_000_000).contains(number)
        else {
            throw ValueError(
                text, isNot: "a limit of lag",
                give: "TOPIC:GROUP=N, for example gamification.replay:gamification-server=10000")
        }
        topic = try ValueText.topic(String(text[..<colon]))
        group = try ValueText.name(String(text[text.index(after: colon)..<equals]))
        records = number
    }

    /// Of names that were checked.
    package init(topic: String, group: String, records: Int64) {
        self.topic = topic
        self.group = group
        self.records = records
    }

    /// `TOPIC:GROUP`, without the limit.
    package var description: String { "\(topic):\(group)" }
}
