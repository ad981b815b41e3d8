import CRdKafka

extension KafkaProducer {
    /// Registers the transactional id: fences older producers of it and waits for their transactions to end. Once, before
    /// the first transaction. Retriable errors are retried until the time-out, as in all calls here.
    package func initTransactions(timeout: Duration) throws(KafkaError) {
        try transaction(.initTransactions, timeout) { rd_kafka_init_transactions($0, $1) }
    }

    /// Begins a transaction; does not ask the broker.
    package func beginTransaction() throws(KafkaError) {
        try transaction(.beginTransaction, .zero) { client, _ in rd_kafka_begin_transaction(client) }
    }

    /// Commits a consumer's offsets with the transaction.
    ///
    /// - Parameters:
    ///   - offsets: the next offset to process of every partition, with metadata.
    ///   - group: the membership that came with the assignment that the records are of.
    /// - Throws: `.fenced` with `requiresAbort` where the group has moved on since.
    package func sendOffsets(
        _ offsets: [PartitionOffset], group: GroupMetadata, timeout: Duration
    ) throws(KafkaError) {
        try checkMetadata(offsets, .sendOffsets)
        guard group.isMember else {
            // Without a generation the broker checks nothing, and the offsets would overwrite the new owner's.
            var error = KafkaError(.sendOffsets, kind: .fenced, reason: "the consumer is no member of its group")
            error.requiresAbort = true
            throw error.with(group: group.groupID, transactionalID: transactionalID)
        }
        let list = PartitionList(offsets)
        let raw = list.raw
        do throws(KafkaError) {
            try transaction(.sendOffsets, timeout) { rd_kafka_send_offsets_to_transaction($0, raw, group.raw, $1) }
        } catch {
            throw error.with(group: group.groupID)
        }
    }

    /// Flushes and commits. After a time-out the outcome is unknown, and the same call asks again.
    ///
    /// - Throws: with `requiresAbort` where the transaction cannot be committed, `isFatal` where the producer is done.
    package func commitTransaction(timeout: Duration) throws(KafkaError) {
        // Whatever keeps the queue from emptying soon, the commit itself finds out.
        _ = try client(.commitTransaction).flush(milliseconds: min(200, timeout.clampedMilliseconds))
        try transaction(.commitTransaction, timeout) { rd_kafka_commit_transaction($0, $1) }
    }

    /// Throws away what waits and aborts; nothing of the transaction is seen by `read_committed` readers.
    package func abortTransaction(timeout: Duration) throws(KafkaError) {
        try transaction(.abortTransaction, timeout) { rd_kafka_abort_transaction($0, $1) }
    }

    /// Why the open transaction has failed already; nil where it has not. librdkafka says of a record sent into a failed
    /// one only that the state is erroneous.
    ///
    /// In a failed transaction a second one is refused with the reason of the failure, in a sound one because there is
    /// one already; neither changes anything.
    package func transactionFailure() -> KafkaError? {
        do throws(KafkaError) {
            try beginTransaction()
            return nil
        } catch {
            guard error.code != RD_KAFKA_RESP_ERR__STATE.rawValue else { return nil }
            var error = error
            error.operation = .produce
            return error
        }
    }

    private func transaction(
        _ operation: KafkaOperation, _ timeout: Duration, _ body: (OpaquePointer, Int32) -> OpaquePointer?
    ) throws(KafkaError) {
        guard transactionalID != nil else {
            throw KafkaError(operation, kind: .configuration, reason: "the producer has no transactional id")
        }
        let client = try client(operation)
        do throws(KafkaError) {
            // Only the registration may be called again while an earlier call is still under way.
            let slice = operation == .initTransactions ? 5_000 : Int32.max
            try client.retrying(operation, until: Deadline(after: timeout), slice: slice) {
                milliseconds throws(KafkaError) in
                if let error = KafkaError(operation, consuming: body(client.raw, milliseconds)) { throw error }
            }
        } catch {
            throw error.with(transactionalID: transactionalID)
        }
    }
}
