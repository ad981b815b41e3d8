import Avro
import Events

/// Logical types as text.
enum AvroLogicalText {
    /// Nil where the value is not one that the type's text could write.
    static func text(_ value: AvroValue, _ type: AvroLogicalType) -> String? {
        switch (type, value) {
        case (.timestampMillis, .long(let time)): instant(time, fraction: nil, zone: "Z")
        case (.timestampMicros, .long(let time)): micros(time, zone: "Z")
        case (.localTimestampMillis, .long(let time)): instant(time, fraction: nil, zone: "")
        case (.localTimestampMicros, .long(let time)): micros(time, zone: "")
        case (.date, .int(let days)):
            instant(Int64(days) * 86_400_000, fraction: nil, zone: "").map { String($0.prefix(10)) }
        case (.timeMillis, .int(let time)): clock(Int64(time) * 1_000, digits: 3)
        case (.timeMicros, .long(let time)): clock(time, digits: 6)
        case (.decimal(_, let scale), .bytes(let bytes)), (.decimal(_, let scale), .fixed(let bytes)):
            decimal(bytes, scale: scale)
        case (.duration, .fixed(let bytes)): duration(bytes)
        default: nil
        }
    }

    /// RFC 3339, with digits after the milliseconds and another end where asked for.
    private static func instant(_ milliseconds: Int64, fraction: String?, zone: String) -> String? {
        guard (RFC3339.minimum...RFC3339.maximum).contains(milliseconds) else { return nil }
        return RFC3339.string(milliseconds: milliseconds).dropLast() + (fraction ?? "") + zone
    }

    private static func micros(_ time: Int64, zone: String) -> String? {
        let (quotient, remainder) = time.quotientAndRemainder(dividingBy: 1_000)
        let rest = remainder < 0 ? remainder + 1_000 : remainder
        return instant(remainder < 0 ? quotient - 1 : quotient, fraction: padded(rest, 3), zone: zone)
    }

    /// A time of day.
    private static func clock(_ microseconds: Int64, digits: Int) -> String? {
        guard (0..<86_400_000_000).contains(microseconds) else { return nil }
        let seconds = microseconds / 1_000_000
        let fraction = padded(microseconds % 1_000_000, 6).prefix(digits)
        return "\(padded(seconds / 3_600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2)).\(fraction)"
    }

    /// The big-endian two's complement number in `bytes`, with `scale` digits after the point.
    static func decimal(_ bytes: [UInt8], scale: Int) -> String? {
        guard let first = bytes.first, bytes.count <= 64, (0...200).contains(scale) else { return nil }
        let isNegative = first & 0x80 != 0
        var magnitude = isNegative ? negated(bytes) : bytes
        var digits: [UInt8] = []
        while magnitude.contains(where: { $0 != 0 }) {
            var remainder = 0
            for index in magnitude.indices {
                let part = remainder << 8 | Int(magnitude[index])
                magnitude[index] = UInt8(part / 10)
                remainder = part % 10
            }
            digits.append(UInt8(ascii: "0") + UInt8(remainder))
        }
        while digits.count <= scale { digits.append(UInt8(ascii: "0")) }
        var text = String(decoding: digits.reversed(), as: UTF8.self)
        if scale > 0 { text.insert(".", at: text.index(text.endIndex, offsetBy: -scale)) }
        return isNegative ? "-" + text : text
    }

    private static func negated(_ bytes: [UInt8]) -> [UInt8] {
        var carry = 1
        return Array(
            bytes.reversed().map { byte in
                let sum = Int(~byte) + carry
                carry = sum >> 8
                return UInt8(truncatingIfNeeded: sum)
            }.reversed())
    }

    private static func duration(_ bytes: [UInt8]) -> String? {
        guard bytes.count == 12 else { return nil }
        let parts = bytes.withUnsafeBytes { raw in
            [0, 4, 8].map { UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: $0, as: UInt32.self)) }
        }
        return "\(parts[0]) months \(parts[1]) days \(parts[2]) ms"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
