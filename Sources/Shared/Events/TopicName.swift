/// Kafka's rule for a topic's name (org.apache.kafka.common.internals.Topic).
package enum TopicName {
    /// The longest name a broker accepts, in bytes.
    package static let maximumLength = 249

    /// Whether a broker would accept these bytes as a topic's name: 1 to 249 of `a-z A-Z 0-9 . _ -`, and neither `.`
    /// nor `..`.
    package static func isLegal(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard (1...maximumLength).contains(bytes.count), !bytes.equals("."), !bytes.equals("..") else { return false }
        return bytes.allSatisfy { byte in
            switch byte {
            case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, 0x2E, 0x5F, 0x2D: true
            default: false
            }
        }
    }

    /// As `isLegal(_:)` of a text's bytes.
    package static func isLegal(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { isLegal(UnsafeRawBufferPointer($0)) }
    }
}
