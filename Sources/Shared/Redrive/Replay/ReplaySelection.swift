package import Events

/// Which records a replay publishes; every condition must hold. Pure; any thread may use it.
package struct ReplaySelection: Sendable {
    /// A header that must have a value of some form.
    package struct HeaderCondition: Sendable {
        /// The header's name, as its bytes are.
        package let name: [UInt8]
        /// Whether a value will do; of several headers of the name one is enough.
        package let matches: @Sendable (String) -> Bool

        package init(name: String, matches: @escaping @Sendable (String) -> Bool) {
            self.name = Array(name.utf8)
            self.matches = matches
        }
    }

    package var filter: EventFilter
    package var headers: [HeaderCondition]
    package var fields: [FieldCondition]

    package init(filter: EventFilter, headers: [HeaderCondition] = [], fields: [FieldCondition] = []) {
        self.filter = filter
        self.headers = headers
        self.fields = fields
    }

    /// Whether it selects every record.
    package var isEmpty: Bool { filter.isEmpty && headers.isEmpty && fields.isEmpty }
}
