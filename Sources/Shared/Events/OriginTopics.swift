/// The origin topics a reader has met, so that a topic becomes a `String` once and not once a record. It holds 64;
/// beyond that a topic is made anew each time, and nothing is lost but time.
struct OriginTopics {
    private struct Entry {
        let topic: String
        let type: EventType?
    }

    static let limit = 64

    private var entries: [Entry] = []
    private var latest = 0

    /// The topic of these bytes and its event type; `nil` if no broker would accept the name.
    mutating func topic(_ bytes: UnsafeRawBufferPointer) -> (name: String, type: EventType?)? {
        if latest < entries.count, Self.matches(entries[latest], bytes) { return found(latest) }
        if let position = entries.firstIndex(where: { Self.matches($0, bytes) }) { return found(position) }
        guard TopicName.isLegal(bytes) else { return nil }
        let entry = Entry(topic: String(decoding: bytes, as: UTF8.self), type: EventType(bytes: bytes))
        if entries.count < Self.limit {
            latest = entries.count
            entries.append(entry)
        }
        return (entry.topic, entry.type)
    }

    private mutating func found(_ position: Int) -> (name: String, type: EventType?) {
        latest = position
        return (entries[position].topic, entries[position].type)
    }

    private static func matches(_ entry: Entry, _ bytes: UnsafeRawBufferPointer) -> Bool {
        let isMatch = entry.topic.utf8.withContiguousStorageIfAvailable { bytes.equals(UnsafeRawBufferPointer($0)) }
        return isMatch ?? entry.topic.utf8.elementsEqual(bytes)
    }
}
