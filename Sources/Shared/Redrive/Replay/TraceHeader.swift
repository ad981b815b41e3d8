import Observability

/// The trace of a replayed record: a span of the run's own trace, linked to what the record carried.
///
/// A replay is other work than the request that made the event, maybe days later, so it is no child of that trace; the
/// header `gamification.original.traceparent` is the link back (W3C Trace Context; OpenTelemetry's span links).
struct TraceHeader {
    /// `traceparent`.
    static let name = Array("traceparent".utf8)
    /// Where the first trace is kept from the first replay on.
    static let linkName = Array("gamification.original.traceparent".utf8)

    private var text: [UInt8]
    private var generator = SystemRandomNumberGenerator()

    /// - Parameter run: the root of the run's trace.
    init(run: TraceContext) {
        text = Array(run.traceparent.utf8)
    }

    /// The next record's `traceparent`: a span id of its own.
    mutating func next() -> [UInt8] {
        var span = UInt64.random(in: 1...UInt64.max, using: &generator)
        for place in 36..<52 {
            let digit = UInt8(truncatingIfNeeded: span & 15)
            text[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            span >>= 4
        }
        return text
    }
}
