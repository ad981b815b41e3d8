import CommandLine
import Events
import Kafka
import Lifecycle
import ToolKit

/// Words for a shell's completion that only a look into the queue gives: the reasons of what waits there.
enum QueueWords {
    /// Enough to know what is there in the time that somebody who types has.
    private static let sample = 10_000

    /// As `CompleteCommand.Source`: codes that `--error-code` selects something with, the most frequent first.
    static let find: CompleteCommand.Source = { kind, reader, connection, patience in
        guard kind == "error-codes" else { return nil }
        var reader = reader
        let isUnpark = reader.command.name == JobCommands.unpark.name
        let topic = reader.topic(isUnpark ? Flags.parkedTopic : Flags.topic)
        let group = reader.optionalName(Flags.group) ?? "gamification.\(isUnpark ? "unpark" : "drain").\(topic)"
        let admin = try KafkaAdmin(connection.kafka)
        defer { admin.close(timeout: .milliseconds(200)) }
        let stop = StopFlag()
        let survey = try QueueSurveyor(
            connection: connection, topic: topic, group: group,
            progressTopic: reader.topic(RedriveFlags.progressTopic), toleratesProgress: true, patience: patience,
            stop: stop, say: { _ in }
        ).survey(admin)
        var queue = QueueSample(
            kafka: connection.kafka, topic: topic, filter: EventFilter(timeBasis: .failed), registry: nil,
            patience: patience, stop: stop)
        queue.limit = sample
        return try await queue.tally(survey.starts, ends: survey.ends).0.codes
    }
}
