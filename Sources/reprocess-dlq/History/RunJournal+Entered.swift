import CommandLine
import Kafka
import Lifecycle
import Redrive
import Runs
import ToolKit

extension RunJournal {
    /// Enters a command that changes something into the history. That is no condition of the command: what stands in its
    /// way is told, and it goes on without.
    ///
    /// - Returns: nil where it leaves no history.
    /// - Throws: `Refusal` where the run's name belongs to other work, which would stand in the history as this one's.
    static func entered(
        _ kafka: KafkaConfiguration, topic: String, _ record: RunRecord, copy: String, patience: Duration,
        warn: (String) -> Void
    ) throws -> RunJournal? {
        do {
            let journal = try RunJournal.open(kafka, topic: topic, record: record, copy: copy, patience: patience) {
                entry in
                guard let known = entry.record,
                    (known.program, known.command, known.group) != (record.program, record.command, record.group)
                else { return }
                throw Refusal(
                    .refused,
                    "run \(record.name) is a \(known.command) of \(known.program) in group \(known.group): choose another "
                        + "--run. Nothing was changed")
            }
            if journal == nil {
                warn(
                    "the topic \(topic) does not exist: this run leaves no history. Make it with: reprocess-dlq topics "
                        + "--create")
            }
            return journal
        } catch let error as KafkaError where error.kind == .authorization {
            warn("this run leaves no history: \(error)")
            return nil
        }
    }

    /// Does `work`, which keeps no count of its own, as a run that stands in the history.
    ///
    /// - Parameter tally: what was done so far; any thread.
    func during<Result>(
        tally: @escaping @Sendable () -> RunTally = { RunTally() }, stop: StopFlag,
        warn: @escaping @Sendable (String) -> Void,
        _ work: () throws -> Result
    ) throws -> Result {
        follow(tally: tally, heed: { _ in }, warn: warn)
        do {
            let result = try work()
            end(stop.isSet ? .stopped : .finished, tally: tally(), reason: nil, warn: warn)
            return result
        } catch {
            let refusal = Refusal(error, stop: stop)
            end(
                stop.isSet ? .stopped : .failed, tally: tally(), reason: refusal.description,
                isOutage: (error as? RedriveError)?.isOutage ?? false, warn: warn)
            throw error
        }
    }
}
