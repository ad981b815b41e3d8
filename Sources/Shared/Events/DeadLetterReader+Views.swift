/// What `show` and `list` tell beyond the decision; each is found when asked for.
extension DeadLetterReader {
    /// The failure's message, as the dialect that gave the origin wrote it, else any. It may hold personal data: for
    /// `show` alone, never for a log. Valid as long as the record's headers are.
    package func errorMessage(of letter: DeadLetter) -> UnsafeRawBufferPointer? {
        first(
            of: [.message, .springMessage, .retryMessage, .connectMessage, .streamsMessage, .smallRyeReason],
            preferring: letter.dialect)
    }

    /// The class of the failure's exception, likewise.
    package func exceptionClass(of letter: DeadLetter) -> UnsafeRawBufferPointer? {
        first(
            of: [.springException, .retryException, .connectException, .streamsException, .smallRyeException],
            preferring: letter.dialect)
    }

    /// The consumer group whose member gave up, where a dialect tells.
    package func consumerGroup(of letter: DeadLetter) -> UnsafeRawBufferPointer? {
        first(of: [.originGroup, .springGroup, .karafkaGroup], preferring: letter.dialect)
    }

    /// Attempts that other programs counted. They are shown, never counted as retries.
    package func attempts() -> [(name: HeaderName, count: Int64)] {
        [HeaderName.deliveryCount, .retryAttempts, .karafkaAttempts].compactMap { name in
            number(name).map { (name, $0) }
        }
    }

    /// What contradicts what, in a fixed order.
    package mutating func conflicts(of letter: DeadLetter) -> [HeaderConflict] {
        var conflicts: [HeaderConflict] = []
        for dialect in letter.disagreeing.dialects {
            if let origin = origin(of: dialect) { conflicts.append(.otherOrigin(dialect, origin)) }
        }
        conflicts += letter.unreadable.dialects.map { .unreadableOrigin($0) }
        conflicts += letter.doubled.names.map { .doubled($0) }
        conflicts += letter.invalid.names.map { .invalid($0) }
        return conflicts
    }

    private func first(of names: [HeaderName], preferring dialect: Dialect?) -> UnsafeRawBufferPointer? {
        let own = names.first { $0.dialect == dialect && value(of: $0) != nil }
        return (own ?? names.first { value(of: $0) != nil }).flatMap { value(of: $0) }
    }
}
