/// A schema's mention of another one, as the registry keeps it: the named type, and the subject and version it is from.
package struct SchemaReference: Sendable, Hashable, Codable {
    /// The full name of the type that the schema uses.
    package let name: String
    /// The subject that it is registered under.
    package let subject: String
    /// The version within that subject, 1 or more.
    package let version: Int

    /// A reference to that version.
    package init(name: String, subject: String, version: Int) {
        self.name = name
        self.subject = subject
        self.version = version
    }
}

/// A reference with the text that the registry holds for it.
package struct ReferencedSchema: Sendable, Hashable {
    /// What was referred to.
    package let reference: SchemaReference
    /// Its schema, as JSON text.
    package let text: String
}
