import Kafka
import RedriveProofs
import Synchronization
import TestSupport

/// The event ids of all records of a topic, read from its beginning.
final class AwardTopic: Sendable {
    private let reader: TopicReader
    private let ids: Box

    private final class Box: Sendable {
        let found = Mutex<[(id: String, value: [UInt8])]>([])
    }

    init(_ stack: AwardStack, _ topic: String) throws {
        let ids = Box()
        self.ids = ids
        reader = try TopicReader(stack.kafka, topic: topic, partitions: 2, isolation: .readUncommitted) {
            batch, index in
            let value = batch.value(index).map { Array($0) } ?? []
            // Confluent's header, then the length of the id as a zigzag number, then the id.
            guard value.count > 42, value[5] == 72 else { return }
            let id = String(decoding: value[6..<42], as: UTF8.self)
            ids.found.withLock { $0.append((id, value)) }
        }
    }

    var eventIDs: [String] { ids.found.withLock { $0.map(\.id) } }
    var values: [[UInt8]] { ids.found.withLock { $0.map(\.value) } }
}
