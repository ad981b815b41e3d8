/// Checks a whole datum as strictly as `AvroDecoder` and finds a few of its top-level fields, without allocating.
/// Compiled once for a writer's schema; shareable between threads.
///
/// A schema whose root is a union of records is looked into as well.
package struct AvroProjection: Sendable {
    /// The schema of the datums.
    package let schema: AvroSchema
    /// The bounds in force.
    package let limits: AvroLimits
    /// The fields looked for.
    package let names: [String]
    private let slots: Slots

    /// Where the fields of the records at the root go.
    private final class Slots: Sendable {
        /// By child of a record, as `AvroLayout.children` numbers them: the position in `names`, or -1. Set once in
        /// `init`, only read afterwards, freed in `deinit`: safe to read from every thread.
        nonisolated(unsafe) let places: UnsafeMutablePointer<Int32>

        init(_ schema: AvroSchema, _ names: [String]) {
            places = .allocate(capacity: max(schema.layout.childCount, 1))
            places.initialize(repeating: -1, count: schema.layout.childCount)
            for id in AvroProjection.rootTypes(of: schema) {
                guard case .record(let record) = schema[id].type else { continue }
                let first = Int(schema.layout.nodes[id.index].first)
                for (index, field) in record.fields.enumerated() {
                    places[first + index] = Int32(names.firstIndex(of: field.name) ?? -1)
                }
            }
        }

        deinit { places.deallocate() }
    }

    /// A projection of `schema` to its fields with these names, which must differ.
    package init(schema: AvroSchema, fields names: [String], limits: AvroLimits = .standard) {
        self.schema = schema
        self.limits = limits
        self.names = names
        slots = Slots(schema, names)
    }

    private static func rootTypes(of schema: AvroSchema) -> [AvroTypeID] {
        guard case .union(let branches) = schema[schema.root].type else { return [schema.root] }
        return branches
    }

    /// Room for one record's fields.
    package func makeFields() -> AvroProjectedFields {
        AvroProjectedFields(values: Array(repeating: .absent, count: names.count))
    }

    /// Checks the datum and writes what it holds into `fields`, which `makeFields()` made. After an error `fields`
    /// means nothing.
    ///
    /// - Throws: the error that `AvroDecoder` reports for the same bytes.
    package func project(
        _ bytes: UnsafeRawBufferPointer, into fields: inout AvroProjectedFields
    ) throws(AvroDecodingError) {
        do throws(AvroFault) {
            try run(bytes, into: &fields)
        } catch {
            // The slow way names the field as well. It refuses whatever was refused here.
            _ = try AvroDecoder(schema: schema, limits: limits).decode(bytes)
            throw AvroDecodingError(fault: error, offset: 0, path: "")
        }
    }

    /// `project` with the bare fault.
    func run(_ bytes: UnsafeRawBufferPointer, into fields: inout AvroProjectedFields) throws(AvroFault) {
        let layout = schema.layout
        var walk = AvroWalk(layout: layout, limits: limits, bytes: bytes)
        let start = walk.cursor.next
        try walk.budget.take(items: 1)
        var root = schema.root.index
        if layout.nodes[root].kind == .union { root = try walk.branch(layout.nodes[root]) }
        let node = layout.nodes[root]
        try fields.values.withUnsafeMutableBufferPointer { buffer throws(AvroFault) in
            buffer.update(repeating: .absent)
            if node.kind == .record, let base = buffer.baseAddress {
                try walk.record(root, slots.places + Int(node.first), from: start, into: base)
            } else {
                try walk.skip(root)
            }
        }
        guard walk.cursor.remaining == 0 else { throw .trailingBytes }
    }
}
