package import CommandLine
import Configuration
package import Kafka
package import Redrive
package import SchemaRegistry

extension Refusal {
    /// Any error of a command, as exit code and sentence.
    package init(_ error: any Error) {
        switch error {
        case let error as Refusal: self = error
        case let error as KafkaError: self.init(ExitCode(error), "\(error)")
        case let error as RedriveError: self.init(error)
        case let error as SchemaRegistryError: self.init(ExitCode(error), "\(error)")
        case let error as TimestampObjection: self.init(.refused, "\(error)")
        case let error as SealedFileError:
            if case .system = error { self.init(.failed, "\(error)") } else { self.init(.refused, "\(error)") }
        case let error as ConfirmationError:
            self.init(error == .interrupted ? .interrupted : .refused, "\(error)")
        default: self.init(.failed, "\(error)")
        }
    }

    /// How a run ended before its end.
    package init(_ error: RedriveError) {
        switch error {
        case .kafka(let error): self.init(ExitCode(error), "\(error)")
        case .lane(let failure): self.init(failure)
        case .progress(let refusal, let group, let topic):
            self.init(.refused, refusal.sentence(group: group, topic: topic))
        case .progressNotStable(let topic, let partition, let seconds):
            self.init(
                .unreachable,
                "a transaction of another program has been open on \(topic)[\(partition)] for more than \(seconds) s, and "
                    + "progress beyond it cannot be trusted; see kafka-transactions.sh find-hanging, then run again")
        case .stopped(let cause): self.init(.failed, "stopped while waiting for \(cause)")
        case .transactionsNotKept(let published):
            self.init(
                .refused,
                "this broker accepts transactions and keeps nothing of them; \(published) records were published and no "
                    + "offset was committed. Use --delivery at-least-once; those records will be published again")
        case .notAlone(let member, let reason):
            self.init(.refused, "\(reason) needs to be the only member of the group, and \(member) is in it too")
        case .decision(let error): self.init(error)
        }
    }

    private init(_ failure: LaneFailure) {
        switch failure {
        case .tooManyAborts(let reason):
            self.init(.failed, "transactions kept failing, the last with: \(reason)")
        case .tooManyRefused(let count):
            self.init(
                .failed,
                "brokers refuse one record after the other, more than \(count) by now: look at the settings of the "
                    + "destination and of the parked topic")
        case .fencedRepeatedly:
            self.init(
                .failed,
                "fenced three times within five minutes: transactions are open for longer than the broker allows; look "
                    + "for pauses of this machine, or lower --rate")
        case .cannotLeaveBehind(let partition, let offset):
            self.init(
                .refused,
                "the record at partition \(partition) offset \(offset) cannot be published anywhere, and without the "
                    + "progress topic it cannot be left behind; make it with: reprocess-dlq topics --create")
        case .unreadable(let partition, let offset, let reason):
            self.init(
                .failed,
                "partition \(partition) cannot be read at offset \(offset): \(reason); nothing after it was touched")
        }
    }
}

extension ProgressRefusal {
    /// What is wrong and what to do about it.
    package func sentence(group: String, topic: String) -> String {
        let reset =
            "if what is done no longer matters, forget it with: reprocess-dlq progress reset --topic \(topic) --group \(group)"
        return switch self {
        case .damaged(let key, let offset, let damage):
            "the progress record \(key) at offset \(offset) cannot be trusted: \(damage). Nothing was published; use a "
                + "newer version of this program, or \(reset)"
        case .foreignOffset(let partition, let offset):
            "another program has set the offset of group \(group) in \(topic)[\(partition)] to \(offset). Nothing was "
                + "published; follow it with --accept-reset, or set it back"
        case .progressMissing(let partition, let sequence):
            "the group \(group) committed progress \(sequence) of \(topic)[\(partition)], and the progress topic does not "
                + "hold it. Nothing was published; was that topic deleted or emptied? \(reset)"
        case .misplaced(let partition, let found, let expected):
            "progress of \(topic)[\(partition)] stands in partition \(found) of the progress topic and belongs into "
                + "partition \(expected) by now: partitions were added to that topic. Nothing was published; make the topic "
                + "anew with as many partitions as it had and copy its records, or \(reset)"
        case .contradiction(let partition, let committed, let progress):
            "the committed offset \(committed) of \(topic)[\(partition)] contradicts the progress, which says \(progress). "
                + "Nothing was published; \(reset)"
        case .recreated(let partition, let evidence):
            "\(topic)[\(partition)] is not the topic that group \(group) has worked on: \(evidence.sentence). It was "
                + "deleted and made anew. Nothing was published; \(reset)"
        }
    }
}

extension ProgressRefusal.Evidence {
    fileprivate var sentence: String {
        switch self {
        case .logStartWentBack(let from, let to): "it began at offset \(from) and now begins at \(to)"
        case .endBelowDone(let done, let end): "offsets below \(done) were done and it ends at \(end)"
        case .witnessDiffers(let offset): "another record stands at offset \(offset)"
        }
    }
}

extension ExitCode {
    /// The exit code that says of what kind the error is.
    package init(_ error: KafkaError) {
        switch error.kind {
        case .authorization, .authentication: self = .notAuthorised
        case .unreachable, .timedOut, .queueFull: self = .unreachable
        case .configuration: self = .usage
        case .unknownTopic, .groupRefused: self = .refused
        default: self = .failed
        }
    }

    /// The exit code that says of what kind the error is.
    package init(_ error: SchemaRegistryError) {
        switch error.kind {
        case .notAuthorised: self = .notAuthorised
        case .misconfigured: self = .usage
        case .cancelled: self = .failed
        default: self = .unreachable
        }
    }
}
