import Kafka

/// How a step of the transaction is done, how it fails, and how it is undone.
extension Lane {
    func abort() throws(RedriveError) {
        statistics.change { $0.aborts += 1 }
        dropBuffer()
        try transact { publisher throws(KafkaError) in
            try patience.spend { timeout throws(KafkaError) in
                try publisher.producer.abortTransaction(timeout: timeout)
            }
        } then: {
            $0.aborted()
        }
        // A refusal may be reported only after the transaction has failed for it.
        let refused = takeRefused()
        if !refused.isEmpty { machine.learn(refused) }
    }

    func abortQuietly() {
        // Nobody hears it while no broker answers, and it times out.
        guard settings.delivery == .exactlyOnce, let publisher, !patience.isStrained else { return }
        try? publisher.producer.abortTransaction(timeout: .seconds(5))
    }

    /// Does one step of the transaction and reports it.
    func transact(
        _ body: (Publisher) throws(KafkaError) -> Void, then done: (inout LaneMachine) -> Void
    ) throws(RedriveError) {
        guard let publisher else { return }
        do throws(KafkaError) {
            try body(publisher)
            done(&machine)
        } catch {
            try report(error)
        }
    }

    /// Tells the machine of a failed step, or throws where the lane can do nothing about it.
    func report(_ error: KafkaError) throws(RedriveError) {
        if settings.delivery == .exactlyOnce {
            let refused = takeRefused()
            guard refused.isEmpty else { return machine.refused(refused) }
        }
        let error = publisher?.explain(error) ?? error
        guard let fault = TransactionFault(error) else { return try end(with: error) }
        machine.transactionFailed(fault, now: Self.now())
    }

    /// What the open transaction's deliveries were refused; other failures are the transaction's.
    private func takeRefused() -> RefusedRecords {
        _ = try? publisher?.producer.poll(timeout: .zero)
        return RefusedRecords(publisher?.producer.takeFailures().failures ?? [])
    }
}

// MARK: - At least once

extension Lane {
    /// Takes back the records that did not reach their topic; the others of the batch are there, and stay done.
    ///
    /// - Returns: whether there were any; what is to be committed is then another.
    func takeBackUndelivered(_ publisher: Publisher) throws(RedriveError) -> Bool {
        let (failures, count) = publisher.producer.takeFailures()
        guard let first = failures.first else { return false }
        let records = failures.compactMap { RecordTag.record(of: $0.tag) }
        guard records.count == count else {
            // Which ones is not known of all: the whole batch is read again rather than one be lost.
            machine.transactionFailed(.abortable(first.error.description), now: Self.now())
            return true
        }
        machine.refused(RefusedRecords(failures))
        machine.undelivered(records)
        if let other = failures.first(where: { $0.refusal == nil }) { try end(with: other.error) }
        return true
    }

    /// Ends the lane with an error of Kafka that nothing here mends. A transaction is aborted by that; outside of one
    /// what has reached its topic is committed first, as far as brokers answer: the next run would publish it again.
    private func end(with error: KafkaError) throws(RedriveError) {
        guard settings.delivery == .atLeastOnce, !error.kind.isAway else { throw .kafka(error) }
        try end(with: .kafka(error))
    }

    /// Ends the lane with this error once what is in hand is committed.
    func end(with error: RedriveError) throws(RedriveError) {
        guard ending == nil else { throw error }
        ending = error
        machine.stop()
    }
}
