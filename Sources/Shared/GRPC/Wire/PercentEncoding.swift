import EventLoop

/// `grpc-message`: UTF-8 in which everything but printable ASCII, and the percent sign, is written as `%XX`.
enum PercentEncoding {
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// Writes at most `limit` bytes of `text`, cut between characters.
    static func write(_ text: String, limit: Int, into buffer: inout ByteBuffer) {
        var count = 0
        for scalar in text.unicodeScalars {
            let bytes = UTF8.encode(scalar).map(Array.init) ?? []
            count += bytes.count
            if count > limit { return }
            for byte in bytes {
                if byte >= 0x20, byte <= 0x7E, byte != UInt8(ascii: "%") {
                    buffer.append(byte)
                } else {
                    buffer.append(UInt8(ascii: "%"))
                    buffer.append(digits[Int(byte >> 4)])
                    buffer.append(digits[Int(byte & 15)])
                }
            }
        }
    }

    /// The text; a percent sign that begins no byte stands for itself, and what is not UTF-8 is replaced.
    static func read(_ bytes: UnsafeRawBufferPointer) -> String {
        var plain: [UInt8] = []
        plain.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count, let high = digit(bytes[index + 1]),
                let low = digit(bytes[index + 2])
            {
                plain.append(high << 4 | low)
                index += 3
            } else {
                plain.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: plain, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
