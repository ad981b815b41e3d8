extension HeaderBatch {
    /// Takes what a record gains for `operation` when a run publishes it again; what was in the batch is dropped. The
    /// headers that `HeaderPolicy(operation)` removes must be taken off the record.
    ///
    /// - Parameters:
    ///   - letter: What the record's headers said.
    ///   - origin: Where the record came from first, for records that carry no origin of their own (a replay's); else
    ///     the letter's.
    ///   - run: The run's id.
    ///   - originalTimestamp: With `--timestamp now`, the time to keep: the letter's `originTimestamp`, else the
    ///     record's own. It is not written where the record has one already. Without `--timestamp now`, `nil`.
    package mutating func setRedrive(
        _ operation: HeaderPolicy.Operation, of letter: DeadLetter, origin: Origin? = nil, run: String,
        originalTimestamp: Int64? = nil
    ) {
        removeAll()
        switch operation {
        case .park, .deadLetter: return
        case .redrive(let kind):
            appendOrigin(letter.origin ?? origin)
            appendRun(run, kind: kind, retries: letter.retryCount < .max ? letter.retryCount + 1 : .max)
        case .redriveToOrigin(let kind):
            appendRun(run, kind: kind, retries: letter.retryCount < .max ? letter.retryCount + 1 : .max)
        case .unpark:
            appendOrigin(letter.origin ?? origin)
            appendUnparked(letter, run: run)
        case .unparkToOrigin:
            appendUnparked(letter, run: run)
        }
        if let originalTimestamp, !letter.hasOriginalTimestamp {
            append(.originalTimestamp, time: originalTimestamp)
        }
    }

    private mutating func appendOrigin(_ origin: Origin?) {
        guard let origin else { return }
        append(.originTopic, origin.topic)
        append(.originPartition, decimal: Int64(origin.partition))
        append(.originOffset, decimal: origin.offset)
    }

    private mutating func appendRun(_ run: String, kind: RedriveKind, retries: Int32) {
        if kind == .dlq { append(.retryCount, decimal: Int64(retries)) }
        append(.redriveRun, run)
        append(.redriveKind, kind.text)
    }

    private mutating func appendUnparked(_ letter: DeadLetter, run: String) {
        appendRun(run, kind: .dlq, retries: 0)
        append(.unparkedCount, decimal: Int64(letter.unparkedCount) + 1)
    }
}
