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

    /// A `traceparent` of this trace, whose id is 32 hexadecimal digits; nil if it is none.
    static func traceparent(traceID: some Sequence<UInt8>) -> String? {
        TraceContext(
            traceparent: "00-\(String(decoding: Array(traceID), as: UTF8.self))-\(TraceContext.root().spanID)-01")?
            .traceparent
    }
}
