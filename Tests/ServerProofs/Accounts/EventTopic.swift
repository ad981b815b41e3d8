import Kafka
import RedriveProofs
import Synchronization

/// All records of a topic of events, read from its beginning.
package final class EventTopic: Sendable {
    private let reader: TopicReader
    private let found: Found

    private final class Found: Sendable {
        let values = Mutex<[[UInt8]]>([])
    }

    package init(_ bootstrapServers: String, _ topic: String, partitions: Int = 2) throws {
        let found = Found()
        self.found = found
        reader = try TopicReader(bootstrapServers, topic: topic, partitions: partitions, isolation: .readUncommitted) {
            batch, index in
            guard let value = batch.value(index).map({ Array($0) }) else { return }
            found.values.withLock { $0.append(value) }
        }
    }

    /// Their values, Confluent's header included.
    package var values: [[UInt8]] { found.values.withLock { $0 } }

    /// Their event ids.
    package var eventIDs: [String] { values.compactMap { EventTexts.read($0, count: 1)?.first } }

    /// Whether all that is there now has been read.
    package func isComplete() async -> Bool {
        guard let ends = await reader.ends() else { return false }
        return reader.hasReached(ends)
    }
}

/// The texts that an event begins with, read the plain way.
enum EventTexts {
    static func read(_ value: [UInt8], count: Int) -> [String]? {
        var rest = value.dropFirst(5)
        var texts: [String] = []
        for _ in 0..<count {
            var (length, shift) = (0, 0)
            while let byte = rest.popFirst() {
                length |= Int(byte & 0x7F) << shift
                shift += 7
                guard byte & 0x80 != 0, shift < 28 else { break }
            }
            // Zigzag, never negative here.
            guard length & 1 == 0, rest.count >= length / 2 else { return nil }
            texts.append(String(decoding: rest.prefix(length / 2), as: UTF8.self))
            rest = rest.dropFirst(length / 2)
        }
        return texts
    }
}
