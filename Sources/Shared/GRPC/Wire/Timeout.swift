import EventLoop

/// The `grpc-timeout` header: at most eight digits and a unit.
enum Timeout {
    private static let units: [(unit: UInt8, nanoseconds: Int64)] = [
        (UInt8(ascii: "n"), 1), (UInt8(ascii: "u"), 1_000), (UInt8(ascii: "m"), 1_000_000),
        (UInt8(ascii: "S"), 1_000_000_000), (UInt8(ascii: "M"), 60_000_000_000), (UInt8(ascii: "H"), 3_600_000_000_000),
    ]

    /// Nanoseconds, held at Int64's end; nil if the text is not a timeout.
    static func parse(_ text: UnsafeRawBufferPointer) -> Int64? {
        guard text.count >= 2, text.count <= 9, let last = text.last,
            let unit = units.first(where: { $0.unit == last })
        else { return nil }
        var value: Int64 = 0
        for byte in text.dropLast() {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        let (product, overflow) = value.multipliedReportingOverflow(by: unit.nanoseconds)
        return overflow ? .max : product
    }

    /// Writes a timeout in the finest unit that holds it in eight digits, rounded up, so that the server never gives up before
    /// the client.
    static func write(_ nanoseconds: Int64, into buffer: inout ByteBuffer) {
        let wanted = max(0, nanoseconds)
        for (unit, size) in units {
            let count = wanted / size + (wanted % size == 0 ? 0 : 1)
            if count <= 99_999_999 {
                buffer.append(String(count))
                buffer.append(unit)
                return
            }
        }
        buffer.append("99999999H")
    }
}
