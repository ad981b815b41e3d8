import Kafka
import Observability

/// The trace that a record belongs to.
enum TraceHeader {
    /// The record's `traceparent`, if it has a valid one.
    static func traceparent(_ batch: RecordBatch, _ index: Int) -> String? {
        var found: String?
        do throws(KafkaError) {
            try batch.forEachHeader(index) { name, value in
                guard let value, name.elementsEqual("traceparent".utf8), TraceContext(traceparent: value) != nil else {
                    return
                }
                found = String(decoding: value, as: UTF8.self)
            }
        } catch {
            return nil
        }
        return found
    }
}
