package import Events

/// Which records a replay publishes; every condition must hold. Pure; any thread may use it.
package struct ReplaySelection: Sendable {
    /// A header that must have a value of some form.
    package struct HeaderCondition: Sendable {
        /// The header's name, as its bytes are.
        package let name: [UInt8]
        /// Whether a value will do; of several headers of the name one is enough.
        package let matches: @Sendable (String) -> Bool

        /// A condition on the headers of that name.
        package init(name: String, matches: @escaping @Sendable (String) -> Bool) {
            self.name = Array(name.utf8)
            self.matches = matches
        }
    }

    /// What the drain's filters select, too.
    package var filter: EventFilter
    /// All of them must hold.
    package var headers: [HeaderCondition]
    /// All of them must hold; each needs the whole body.
    package var fields: [FieldCondition]

    /// A selection of these parts; every one of them must hold.
    package init(filter: EventFilter, headers: [HeaderCondition] = [], fields: [FieldCondition] = []) {
        self.filter = filter
        self.headers = headers
        self.fields = fields
    }

    /// Whether it selects every record.
    package var isEmpty: Bool { filter.isEmpty && headers.isEmpty && fields.isEmpty }
}
