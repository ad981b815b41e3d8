package import Kafka

/// Why a run ended before its end. What was in hand was aborted; what was committed stays.
package enum RedriveError: Error, Sendable {
    case kafka(KafkaError)
    case lane(LaneFailure)
    /// Progress that cannot be followed, with the owner whose it is.
    case progress(ProgressRefusal, group: String, topic: String)
    /// Transactions of others stayed open at the end of the progress partition for longer than the time given.
    case progressNotStable(topic: String, partition: Int32, seconds: Int)
    /// The user asked for an end while progress could not be read.
    case stopped(waitingFor: String)
    /// The broker said yes to a transaction and kept nothing of it.
    case transactionsNotKept(published: Int64)
    /// Another member is in the group, and the run needs to be the only one; its client id and host.
    case notAlone(member: String, reason: String)
    /// The source cannot be decided on: the schema registry.
    case decision(any Error)
}

extension RedriveError {
    /// Whether no broker answered to the end: what would be told them now is not heard.
    package var isOutage: Bool {
        if case .kafka(let error) = self { error.kind.isAway } else { false }
    }

    /// Any error of a run, with those of its parts told apart.
    init(_ error: any Error, settings: RedriveSettings) {
        switch error {
        case let error as RedriveError: self = error
        case let error as KafkaError: self = .kafka(error)
        case let error as ProgressRefusal: self = .progress(error, group: settings.group, topic: settings.topic)
        default: self = .decision(error)
        }
    }
}
