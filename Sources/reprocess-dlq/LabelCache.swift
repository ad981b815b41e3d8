import Glibc

/// Turns header bytes into text once and not once a record. It holds 64 texts; beyond that one is made anew each time.
struct LabelCache {
    private static let limit = 64
    /// No label is longer, in bytes.
    static let longest = 256

    private var entries: [(bytes: [UInt8], text: String)] = []
    private var latest = 0

    /// The text of `bytes`, cut to `longest`, made by `make` where it is not known.
    mutating func text(_ bytes: UnsafeRawBufferPointer, _ make: (String) -> String) -> String {
        let bytes = UnsafeRawBufferPointer(rebasing: bytes.prefix(Self.longest))
        if latest < entries.count, Self.matches(entries[latest].bytes, bytes) { return entries[latest].text }
        if let known = entries.firstIndex(where: { Self.matches($0.bytes, bytes) }) {
            latest = known
            return entries[known].text
        }
        let text = make(String(decoding: bytes, as: UTF8.self))
        if entries.count < Self.limit {
            latest = entries.count
            entries.append((Array(bytes), text))
        }
        return text
    }

    private static func matches(_ known: [UInt8], _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard known.count == bytes.count else { return false }
        guard let start = bytes.baseAddress else { return true }
        return known.withUnsafeBytes { $0.baseAddress.map { memcmp($0, start, bytes.count) == 0 } ?? true }
    }
}
