import CommandLine
import Kafka
import Lifecycle
import Redrive
import ToolKit

/// How far a group has come with a dead-letter topic, found out without joining it and without changing anything.
struct QueueSurvey: Sendable {
    /// One partition.
    struct Partition: Sendable {
        let start: PartitionStart
        /// The last stable offset.
        let end: Int64
        /// The end of the log, open transactions included.
        let highWatermark: Int64

        /// Offsets that are not done.
        var remaining: Int64 { start.done.remaining(below: end) }
    }

    let clusterID: String
    let topic: String
    let partitions: [Partition]
    /// Sentences for the operator.
    let notices: [String]
    /// False where the progress could not be followed, and was not needed.
    let knowsProgress: Bool
    let lacksProgressTopic: Bool

    var starts: [PartitionStart] { partitions.map(\.start) }
    var ends: [Int32: Int64] {
        Dictionary(partitions.map { ($0.start.partition, $0.end) }, uniquingKeysWith: { first, _ in first })
    }
    /// The queue's size: offsets that are not done, by the one function.
    var remaining: Int64 { partitions.reduce(0) { $0 + $1.remaining } }
    /// Offsets below the ends that are still there.
    var present: Int64 { partitions.reduce(0) { $0 + max(0, $1.end - $1.start.logStart) } }
    /// Offsets that an open transaction holds back.
    var unstable: Int64 { partitions.reduce(0) { $0 + max(0, $1.highWatermark - $1.end) } }
    /// Offsets that retention overtook before they were done.
    var gone: Int64 { partitions.reduce(0) { $0 + $1.start.gone } }
}

/// Makes a `QueueSurvey`. Blocking: on a blocking executor.
struct QueueSurveyor {
    let connection: ConnectionOptions
    let topic: String
    let group: String
    let progressTopic: String
    /// Whether progress that cannot be followed is a notice and not the end.
    let toleratesProgress: Bool
    let patience: Duration
    let stop: StopFlag
    let say: @Sendable (String) -> Void

    /// Looks once.
    ///
    /// - Parameter only: the partition to look at; nil is all.
    func survey(_ admin: KafkaAdmin, only: Int32? = nil) throws -> QueueSurvey {
        let clients = try SurveyClients(connection.kafka, group: group)
        defer { clients.close(timeout: .seconds(5)) }
        return try survey(admin, with: clients, only: only)
    }

    /// The same with clients that are there already.
    func survey(_ admin: KafkaAdmin, with clients: SurveyClients, only: Int32? = nil) throws -> QueueSurvey {
        let stable = clients.stable
        let clusterID = try BrokerWait(
            servers: connection.kafka.bootstrapServers, patience: patience, stop: stop, say: say
        ).clusterID(admin)
        let source = try TopicSurvey.rules(of: topic, role: "dead-letter topic", admin, stable, patience)
        if let only, only >= source.partitionCount {
            throw Refusal(
                .failed,
                "\(topic) has \(source.partitionCount) partitions, 0 to \(source.partitionCount - 1): there is no "
                    + "partition \(only)")
        }
        let numbers = only.map { [$0] } ?? Array(0..<source.partitionCount)
        var notices: [String] = []
        if source.isCompacted {
            notices.append("\(topic) is compacted: records of the same key may have vanished from it")
        }
        let keepsProgress = try TopicSurvey.exists(progressTopic, stable, patience)
        if !keepsProgress {
            notices.append(
                "the topic \(progressTopic) does not exist: nothing is done but what lies below the group's offset")
        }
        var settings = RedriveSettings(
            kafka: connection.kafka, topic: topic, group: group, run: "", copy: "", delivery: .exactlyOnce,
            progressTopic: keepsProgress ? progressTopic : nil, pace: .unlimited)
        settings.sourceIsCompacted = source.isCompacted
        settings.patience = patience
        let ends = try numbers.map { number in
            try stable.stableBounds(of: TopicPartition(topic: topic, partition: number), timeout: patience)
        }
        let high = try numbers.map { number in
            try clients.all.watermarks(of: TopicPartition(topic: topic, partition: number), timeout: patience)
                .highWatermark
        }
        let loaded = try load(settings, numbers, clients)
        if let trouble = loaded.trouble { notices.append(trouble) }
        let starts =
            loaded.starts
            ?? zip(numbers, ends).map { number, bounds in
                PartitionStart(
                    partition: number, done: DoneSet(committed: bounds.logStart), logStart: bounds.logStart)
            }
        let partitions = zip(starts, zip(ends, high)).map { start, bounds in
            QueueSurvey.Partition(start: start, end: bounds.0.lastStableOffset, highWatermark: bounds.1)
        }
        return QueueSurvey(
            clusterID: clusterID, topic: topic, partitions: partitions,
            notices: notices + partitions.flatMap { $0.start.notices.map { $0.sentence(topic: topic) } },
            knowsProgress: loaded.starts != nil, lacksProgressTopic: !keepsProgress)
    }

    private func load(
        _ settings: RedriveSettings, _ partitions: [Int32], _ clients: SurveyClients
    ) throws -> (starts: [PartitionStart]?, trouble: String?) {
        let store = try clients.store(settings, stop: stop, say: say)
        do throws(RedriveError) {
            return (try store.load(partitions), nil)
        } catch {
            switch error {
            case .progress, .progressNotStable:
                guard toleratesProgress else { throw error }
                return (nil, "what is done is not known: \(Refusal(error).description)")
            default: throw error
            }
        }
    }
}
