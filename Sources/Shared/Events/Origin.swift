/// Where a dead letter came from first.
package struct Origin: Sendable, Equatable {
    /// The topic; a legal name.
    package let topic: String
    /// 0 and up.
    package let partition: Int32
    /// 0 and up.
    package let offset: Int64
    /// The topic's event type, if it is one of the five.
    package let eventType: EventType?

    /// `nil` unless the name is legal and the numbers are not negative.
    package init?(topic: String, partition: Int32, offset: Int64) {
        guard TopicName.isLegal(topic), partition >= 0, offset >= 0 else { return nil }
        self.init(checked: topic, type: EventType(rawValue: topic), partition: partition, offset: offset)
    }

    init(checked topic: String, type: EventType?, partition: Int32, offset: Int64) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        eventType = type
    }

    /// The same topic, partition and offset.
    package static func == (left: Self, right: Self) -> Bool {
        left.partition == right.partition && left.offset == right.offset && left.topic == right.topic
    }
}
