import Glibc
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

    /// Whether a header's name is that of the trace, or of the link.
    static func isTrace(_ header: UnsafeRawBufferPointer) -> Bool { equal(header, name) }
    static func isLink(_ header: UnsafeRawBufferPointer) -> Bool { equal(header, linkName) }

    private static func equal(_ header: UnsafeRawBufferPointer, _ name: [UInt8]) -> Bool {
        guard header.count == name.count, let start = header.baseAddress else { return false }
        return name.withUnsafeBytes { $0.baseAddress.map { memcmp($0, start, header.count) == 0 } ?? false }
    }

    private var text: [UInt8]
    /// A Weyl sequence through a mixer (SplitMix64), begun at random: the system's own numbers cost a call each.
    private var state = UInt64.random(in: .min ... .max)

    /// - Parameter run: the root of the run's trace.
    init(run: TraceContext) {
        text = Array(run.traceparent.utf8)
    }

    /// The next record's `traceparent`: a span id of its own.
    mutating func next() -> [UInt8] {
        state &+= 0x9E37_79B9_7F4A_7C15
        var span = state
        span = (span ^ (span >> 30)) &* 0xBF58_476D_1CE4_E5B9
        span = (span ^ (span >> 27)) &* 0x94D0_49BB_1331_11EB
        span ^= span >> 31
        // A span id of zeros only is none.
        if span == 0 { span = 1 }
        for place in 36..<52 {
            let digit = UInt8(truncatingIfNeeded: span & 15)
            text[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            span >>= 4
        }
        return text
    }
}
