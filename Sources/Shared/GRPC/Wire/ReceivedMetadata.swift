import EventLoop

/// Metadata that came with a call or an answer: one piece of memory, kept from call to call.
struct ReceivedMetadata: ~Copyable {
    private struct Entry {
        let start: Int32
        let nameCount: Int32
        let valueCount: Int32
    }

    private var text = ByteBuffer()
    private var entries: [Entry] = []

    mutating func append(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        entries.append(
            Entry(start: Int32(text.count), nameCount: Int32(name.count), valueCount: Int32(value.count)))
        text.append(name)
        text.append(value)
    }

    mutating func removeAll() {
        if entries.isEmpty { return }
        entries.removeAll(keepingCapacity: entries.capacity <= 64)
        text.removeAll(keeping: 4 << 10)
    }

    /// Calls `body` with each value under a name, in order, until it returns false.
    func forEach(_ name: String, _ body: (UnsafeRawBufferPointer) -> Bool) {
        if entries.isEmpty { return }
        var name = name
        name.withUTF8 { wanted in
            let bytes = text.bytes
            for entry in entries where Int(entry.nameCount) == wanted.count {
                let middle = Int(entry.start + entry.nameCount)
                guard bytes[Int(entry.start)..<middle].elementsEqual(wanted) else { continue }
                let value = UnsafeRawBufferPointer(rebasing: bytes[middle..<middle + Int(entry.valueCount)])
                if !body(value) { return }
            }
        }
    }

    /// The first value under a name as text; nil if there is none.
    func first(_ name: String) -> String? {
        var found: String?
        forEach(name) {
            found = String(decoding: $0, as: UTF8.self)
            return false
        }
        return found
    }

    /// The values under a `-bin` name: each may be several, joined by commas. nil if one is not Base64.
    func binary(_ name: String) -> [[UInt8]]? {
        var found: [[UInt8]]? = []
        forEach(name) { value in
            for part in value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
                let trimmed = part.drop { $0 == UInt8(ascii: " ") }
                guard let bytes = Base64.decode(trimmed.reversed().drop { $0 == UInt8(ascii: " ") }.reversed()) else {
                    found = nil
                    return false
                }
                found?.append(bytes)
            }
            return true
        }
        return found
    }

    /// All names and values in order, for tests and logs.
    var all: [(name: String, value: String)] {
        entries.map { entry in
            let middle = Int(entry.start + entry.nameCount)
            let bytes = text.bytes
            return (
                String(decoding: bytes[Int(entry.start)..<middle], as: UTF8.self),
                String(decoding: bytes[middle..<middle + Int(entry.valueCount)], as: UTF8.self)
            )
        }
    }
}
