/// An Avro schema: immutable, validated, shareable between threads.
package final class AvroSchema: Sendable {
    /// All types; `root` and the types themselves refer to them.
    let nodes: [AvroNode]
    /// The type that the schema's text stands for.
    package let root: AvroTypeID
    /// Named types by full name, those of references that are used included.
    let named: [String: AvroTypeID]
    /// The same types in the form that the codec walks.
    let layout: AvroLayout

    init(nodes: [AvroNode], root: AvroTypeID, named: [String: AvroTypeID]) {
        self.nodes = nodes
        self.root = root
        self.named = named
        layout = AvroLayout(nodes: nodes)
    }

    /// Reads a schema's JSON text.
    ///
    /// - Parameters:
    ///   - text: the JSON, as in an `.avsc` file or a registry's answer.
    ///   - references: schemas whose named types the text may use without defining them (a registry's references).
    ///   - defaults: what to do with a default that does not fit its field.
    ///   - limits: bounds on the text and what it stands for.
    /// - Throws: `AvroSchemaError` with the place in the text.
    package static func parse(
        _ text: String, references: [AvroSchema] = [], defaults: AvroDefaultPolicy = .validate,
        limits: AvroSchemaLimits = .standard
    ) throws(AvroSchemaError) -> AvroSchema {
        var parser = AvroSchemaParser(defaults: defaults, limits: limits)
        try parser.add(references: references)
        return try parser.parse(text)
    }

    /// A type of this schema. An id of another schema gives an unrelated type or stops the program.
    package subscript(_ id: AvroTypeID) -> AvroNode { nodes[id.index] }

    /// The record that the schema is, or nil if it is another type.
    package var record: AvroRecord? {
        guard case .record(let record) = self[root].type else { return nil }
        return record
    }

    /// A type by its full name.
    package func type(named fullName: String) -> AvroTypeID? { named[fullName] }
}
