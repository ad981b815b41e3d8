/// Decodes data of a writer's schema into values of a reader's (Avro 1.11, "Schema Resolution"): fields by name and
/// alias, defaults, promotions, unions, defaults of enums. Planned once; shareable between threads.
///
/// All of the writer's data is checked as strictly as `AvroDecoder` checks it, skipped fields included.
package struct AvroResolver: Sendable {
    /// The schema that the data was written with.
    package let writer: AvroSchema
    /// The schema that the values are of.
    package let reader: AvroSchema
    /// The bounds in force.
    package let limits: AvroLimits
    private let plan: AvroResolutionPlan

    /// Plans the reading.
    ///
    /// - Throws: `AvroResolutionError` if no data could be read. A branch of a union or a symbol that the reader lacks
    ///   only fails with the data that has it.
    package init(
        writer: AvroSchema, reader: AvroSchema, limits: AvroLimits = .standard
    ) throws(AvroResolutionError) {
        var planner = AvroResolutionPlanner(writer: writer, reader: reader)
        plan = planner.plan()
        if planner.isImpossible {
            let certain = planner.reasons.filter { !$0.isConditional }
            throw AvroResolutionError(reasons: certain.isEmpty ? planner.reasons : certain)
        }
        self.writer = writer
        self.reader = reader
        self.limits = limits
    }

    /// Decodes a datum that takes all of the bytes.
    package func decode(_ bytes: UnsafeRawBufferPointer) throws(AvroDecodingError) -> AvroValue {
        var run = AvroDecoding(schema: writer, limits: limits, bytes: bytes)
        do throws(AvroFault) {
            try run.budget.take(items: 1)
            let value = try run.resolved(plan, plan.root)
            guard run.cursor.remaining == 0 else { throw .trailingBytes }
            return value
        } catch {
            throw run.error(error, in: bytes)
        }
    }

    /// Decodes a datum that takes all of the bytes.
    package func decode(_ bytes: [UInt8]) throws(AvroDecodingError) -> AvroValue {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(AvroDecodingError) in try decode(buffer) }
        }
        return try result.get()
    }
}
