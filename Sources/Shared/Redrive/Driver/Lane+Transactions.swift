import Kafka

/// How a step of the transaction is done, how it fails, and how it is undone.
extension Lane {
    func abort() throws(RedriveError) {
        statistics.change { $0.aborts += 1 }
        dropBuffer()
        try transact { publisher throws(KafkaError) in
            try publisher.producer.abortTransaction(timeout: settings.patience)
        } then: {
            $0.aborted()
        }
        // A refusal may be reported only after the transaction has failed for it.
        for record in takeRefused() { machine.remember(record) }
    }

    /// Records that a broker will never take, however often they are sent; other failures are the transaction's.
    func takeRefused() -> [LaneMachine.Unpublishable] {
        _ = try? publisher?.producer.poll(timeout: .zero)
        let all = failures + (publisher?.producer.takeFailures().failures ?? [])
        failures = []
        return all.filter { $0.error.kind == .messageTooLarge }.compactMap { RecordTag.record(of: $0.tag) }
    }

    func abortQuietly() {
        guard settings.delivery == .exactlyOnce, let publisher else { return }
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
        let refused = takeRefused()
        guard refused.isEmpty else {
            for record in refused { machine.refused(record) }
            return
        }
        let error = publisher?.explain(error) ?? error
        guard let fault = TransactionFault(error) else { throw .kafka(error) }
        machine.transactionFailed(fault, now: Self.now())
    }
}
