/// A position in a distributed trace: the `traceparent` of W3C Trace Context, level 1.
package struct TraceContext: Sendable, Equatable, Hashable {
    private let high: UInt64
    private let low: UInt64
    private let span: UInt64

    /// Whether the caller may have recorded the trace.
    package let isSampled: Bool

    private init(high: UInt64, low: UInt64, span: UInt64, isSampled: Bool) {
        (self.high, self.low, self.span, self.isSampled) = (high, low, span, isSampled)
    }

    /// The root of a new trace, with ids from the system's random numbers.
    package static func root(isSampled: Bool = true) -> TraceContext {
        var generator = SystemRandomNumberGenerator()
        return root(isSampled: isSampled, using: &generator)
    }

    /// The root of a new trace, with ids from `generator`.
    package static func root(isSampled: Bool = true, using generator: inout some RandomNumberGenerator) -> TraceContext
    {
        // Both halves may not be zero at once; that neither is costs nothing.
        TraceContext(
            high: nonZero(&generator), low: nonZero(&generator), span: nonZero(&generator), isSampled: isSampled)
    }

    /// The next step of the same trace: a new span below this one.
    package func child() -> TraceContext {
        var generator = SystemRandomNumberGenerator()
        return child(using: &generator)
    }

    /// The next step of the same trace, with its id from `generator`.
    package func child(using generator: inout some RandomNumberGenerator) -> TraceContext {
        TraceContext(high: high, low: low, span: Self.nonZero(&generator), isSampled: isSampled)
    }

    /// A new trace for work that this one caused but does not contain (a batch, a redrive): its root, and the link
    /// back that says so.
    package func linked() -> (root: TraceContext, link: TraceLink) {
        (.root(isSampled: isSampled), TraceLink(traceID: traceID, spanID: spanID))
    }

    /// 32 lower-case hexadecimal digits, not all zero.
    package var traceID: String {
        String(unsafeUninitializedCapacity: 32) { digits in
            Self.write(high, to: digits[..<16])
            Self.write(low, to: digits[16..<32])
            return 32
        }
    }
    /// 16 lower-case hexadecimal digits, not all zero.
    package var spanID: String {
        String(unsafeUninitializedCapacity: 16) { digits in
            Self.write(span, to: digits[..<16])
            return 16
        }
    }

    /// The header's value, in version 00. Flags that level 1 does not know are sent as zero, as it demands.
    package var traceparent: String { "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")" }

    private static func nonZero(_ generator: inout some RandomNumberGenerator) -> UInt64 {
        UInt64.random(in: 1...UInt64.max, using: &generator)
    }

    /// Sixteen digits, from the front.
    private static func write(_ value: UInt64, to digits: Slice<UnsafeMutableBufferPointer<UInt8>>) {
        var rest = value
        for index in digits.indices.reversed() {
            let digit = UInt8(truncatingIfNeeded: rest) & 15
            digits.base[index] = digit < 10 ? digit + UInt8(ascii: "0") : digit - 10 + UInt8(ascii: "a")
            rest >>= 4
        }
    }
}

/// Where linked work came from, for a log line or a span link.
package struct TraceLink: Sendable, Equatable {
    /// 32 lower-case hexadecimal digits.
    package let traceID: String
    /// 16 lower-case hexadecimal digits.
    package let spanID: String
}

extension TraceContext {
    /// Reads a `traceparent`, strictly: nil for anything the specification calls invalid.
    ///
    /// Invalid are upper-case digits, version ff, a trace or parent id of zeros only, and a version 00 of any length but
    /// 55. A later version is read as far as it is like version 00, if more follows only after a hyphen.
    package init?(traceparent text: String) {
        var text = text
        guard let context = text.withUTF8({ TraceContext(traceparent: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = context
    }

    /// Reads a `traceparent` from a header's bytes, without an allocation; see ``init(traceparent:)-(String)``.
    package init?(traceparent bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 55, bytes[2] == hyphen, bytes[35] == hyphen, bytes[52] == hyphen,
            let version = number(bytes[0..<2]), version != 0xff,
            let high = number(bytes[3..<19]), let low = number(bytes[19..<35]),
            let span = number(bytes[36..<52]), let flags = number(bytes[53..<55])
        else { return nil }
        guard bytes.count == 55 || (version > 0 && bytes[55] == hyphen) else { return nil }
        guard high | low != 0, span != 0 else { return nil }
        self.init(high: high, low: low, span: span, isSampled: flags & 1 == 1)
    }
}

private let hyphen = UInt8(ascii: "-")

/// Lower-case hexadecimal digits only.
private func number(_ digits: Slice<UnsafeRawBufferPointer>) -> UInt64? {
    var value: UInt64 = 0
    for digit in digits {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(digit - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
        default: return nil
        }
    }
    return value
}
