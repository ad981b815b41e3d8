import Events
package import Kafka
package import SchemaRegistry

extension DeadLetterInspector {
    /// Inspects the record at `index` and asks whoever has to be asked for that: the registry for schemas, and its origin
    /// for the body of a record that has none. Waits for the network: on a blocking executor.
    ///
    /// - Parameters:
    ///   - registry: nil leaves schemas unknown.
    ///   - origins: nil leaves a missing body missing.
    /// - Returns: what was found, and the body that the origin has.
    /// - Throws: `SchemaRegistryError`, `KafkaError` where no answer was to be had.
    package mutating func inspect(
        _ batch: RecordBatch, _ index: Int, asking registry: SchemaRegistryClient?, _ origins: OriginReader? = nil
    ) async throws -> (finding: Finding, body: [UInt8]?) {
        var finding = inspect(batch, index)
        var body: [UInt8]?
        let timestamp = batch.timestamp(index)
        let time = timestamp.type == .none ? nil : timestamp.milliseconds
        if finding == .noBody, let origins, let origin = letter.origin {
            body = try origins.value(
                at: origin, key: batch.key(index), timestamp: letter.originTimestamp ?? timestamp.milliseconds)
            if let body { finding = body.withUnsafeBytes { inspect(body: $0, recordTimestamp: time) } }
        }
        while case .needsSchema(let id) = finding, let registry {
            learn(id, try await registry.lookup(id))
            finding =
                body?.withUnsafeBytes { inspect(body: $0, recordTimestamp: time) } ?? inspect(batch, index)
        }
        return (finding, body)
    }
}
