extension KafkaConsumer {
    /// For an event loop: readable when records, rebalances or errors have come since the last ``clearSignal()``. It stays
    /// the same and is closed with the consumer. Not for a program that also waits in `pollRecords` or `pollEvents`.
    package var descriptor: Int32 { wakeup.descriptor }

    /// Forgets what was signalled. Call it first, then `pollEvents` and `pollRecords` with a time-out of zero until there is
    /// nothing more: the queues signal only when they stop being empty.
    package func clearSignal() { wakeup.clear() }
}
