import CommandLine
package import Kafka
package import Redrive
package import Runs

/// One copy of a tool's run, as it stands in the runs topic. Blocking, as everything that it is made of.
package struct RunJournal: Sendable {
    /// The copy's session.
    package let session: RunSession
    private let store: RunStore

    /// Enters the copy under the run's name.
    ///
    /// - Parameters:
    ///   - record: the run as this start would describe it; what is known of earlier copies is kept.
    ///   - check: what was read of the run under this name; throws where this start does not fit to it.
    /// - Returns: nil where the topic does not exist.
    package static func open(
        _ kafka: KafkaConfiguration, topic: String, record: RunRecord, copy: String, patience: Duration,
        check: (RunStore.Entry) throws -> Void = { _ in }
    ) throws -> RunJournal? {
        let store = try RunStore(kafka, topic: topic, patience: patience)
        do {
            guard try store.exists() else {
                _ = store.close(timeout: .seconds(5))
                return nil
            }
            let entry = try store.read(record.name)
            if let damage = entry.damage {
                throw Refusal(
                    .refused,
                    "the record of run \(record.name) on \(topic) cannot be read: \(damage). Use a newer version of this "
                        + "program, or another --run")
            }
            try check(entry)
            let copy = RunCopy(id: copy, by: RunName.who(), startedAt: TimeSource.milliseconds())
            let session = try RunSession(
                store, kafka: kafka, entry: entry, record: record.continuing(entry.record), copy: copy,
                now: TimeSource.milliseconds)
            let journal = RunJournal(session: session, store: store)
            if entry.record == nil { try journal.agree(check) }
            return journal
        } catch {
            _ = store.close(timeout: .seconds(5))
            if let damage = error as? RunDamage { throw Refusal(.refused, "the run cannot be recorded: \(damage)") }
            throw error
        }
    }

    private init(session: RunSession, store: RunStore) {
        self.session = session
        self.store = store
    }

    /// A run that is new to this copy may have been begun by another one at the same moment: what was written first holds.
    private func agree(_ check: (RunStore.Entry) throws -> Void) throws {
        do {
            let entry = try store.read(session.record.name)
            try check(entry)
            if let first = entry.record { try session.join(first) }
        } catch {
            var copy = session.copy
            copy.state = .failed
            copy.reason = "another copy began the run at the same moment"
            try? session.end(copy)
            throw error
        }
    }

    /// Keeps the record up to date and hears controls, until `end`.
    package func follow(
        _ statistics: RunStatistics, heed: @escaping RunSession.Heed, warn: @escaping @Sendable (String) -> Void
    ) {
        follow(tally: { statistics.snapshot.tally }, heed: heed, warn: warn)
    }

    /// Says what the run is to do, to all of its copies.
    package func write(_ control: RunControl) throws { try store.write(control, for: session.record.name) }

    /// As the other, for work that keeps its own count.
    ///
    /// - Parameter writes: false where the run's record is written in its own transactions.
    package func follow(
        writes: Bool = true, tally: @escaping @Sendable () -> RunTally, heed: @escaping RunSession.Heed,
        warn: @escaping @Sendable (String) -> Void
    ) {
        let session = session
        session.follow(
            writes: writes,
            tally: {
                var copy = session.copy
                copy.tally = tally()
                return copy
            }, heed: heed, warn: warn)
    }

    /// Writes what it came to. A record that cannot be written is told of, and changes nothing: progress is kept elsewhere.
    ///
    /// - Parameters:
    ///   - isWhole: whether all of the run is done, by this copy and others.
    ///   - isOutage: whether the run ended because no broker answers; then nothing is written, and not waited for.
    /// - Returns: whether it stands in the record.
    @discardableResult
    package func end(
        _ state: RunCopy.State, tally: RunTally, reason: String?, isWhole: Bool = false, isOutage: Bool = false,
        warn: (String) -> Void
    ) -> Bool {
        if isOutage {
            session.leave()
            warn("the run's end could not be recorded: no broker answers")
            _ = store.close(timeout: .seconds(1))
            return false
        }
        var copy = session.copy
        copy.state = state
        copy.tally = tally
        copy.reason = reason.map { String($0.prefix(1_000)) }
        defer { _ = store.close(timeout: .seconds(5)) }
        do {
            try session.end(copy, isWhole: isWhole)
            return true
        } catch {
            warn("the run's end could not be recorded: \(error)")
            return false
        }
    }
}

extension RunRecord {
    /// This description with what earlier copies under the same name have done.
    fileprivate func continuing(_ known: RunRecord?) -> RunRecord {
        guard let known else { return self }
        var record = RunRecord(
            name: name, program: program, command: command, group: group, definition: definition, range: range,
            rate: rate, startedAt: known.startedAt)
        record.copies = known.copies
        record.earlierCopies = known.earlierCopies
        record.earlierTally = known.earlierTally
        record.archive = known.archive
        record.finishedAt = known.finishedAt
        return record.begun(by: known)
    }
}
