/// Whether data written with one schema can be read with another (Avro 1.11, "Schema Resolution").
package enum AvroCompatibility {
    /// Every reason why not all data of `writer` can be read with `reader`, at most 100; empty if all can. A registry's
    /// BACKWARD rule asks this of the new schema as reader and the last one as writer.
    package static func reasons(reader: AvroSchema, cannotRead writer: AvroSchema) -> [AvroIncompatibility] {
        var planner = AvroResolutionPlanner(writer: writer, reader: reader)
        _ = planner.plan()
        return planner.reasons
    }

    /// Whether all data of `writer` can be read with `reader`.
    package static func canRead(reader: AvroSchema, writer: AvroSchema) -> Bool {
        reasons(reader: reader, cannotRead: writer).isEmpty
    }
}
