extension DeadLetterReader {
    /// Finds the origin: ours if it is complete, else that of the dialect whose origin headers stand last.
    mutating func readOrigin(into letter: inout DeadLetter) {
        var complete: DialectSet = []
        var latest: Int32 = 0
        for dialect in Dialect.allCases where names.intersects(dialect.names) {
            letter.dialects.insert(DialectSet(dialect))
            let parts = dialect.originNames
            let last = max(position(of: parts.topic), position(of: parts.partition), position(of: parts.offset))
            guard last > 0 else { continue }
            guard let origin = origin(of: dialect) else {
                letter.unreadable.insert(DialectSet(dialect))
                continue
            }
            complete.insert(DialectSet(dialect))
            guard letter.dialect != .ours, last > latest else { continue }
            latest = last
            letter.origin = origin
            letter.dialect = dialect
        }
        guard let winner = letter.dialect, complete != DialectSet(winner) else { return }
        for dialect in Dialect.allCases where complete.contains(dialect) && dialect != winner {
            if origin(of: dialect) != letter.origin { letter.disagreeing.insert(DialectSet(dialect)) }
        }
    }

    /// The origin that one dialect's headers give; `nil` unless all three are there and valid.
    mutating func origin(of dialect: Dialect) -> Origin? {
        let parts = dialect.originNames
        guard let topicBytes = value(of: parts.topic),
            let partition = number(parts.partition), partition >= 0, partition <= Int32.max,
            let offset = number(parts.offset), offset >= 0,
            let topic = topics.topic(topicBytes)
        else { return nil }
        return Origin(checked: topic.name, type: topic.type, partition: Int32(partition), offset: offset)
    }

    /// The timestamp the record had at its origin: ours, then that of the dialect that gave the origin, then Spring's,
    /// the start of a retry chain first. Others keep it as the record's own.
    func originTimestamp(for letter: DeadLetter) -> Int64? {
        if letter.hasOriginalTimestamp, let value = value(of: .originalTimestamp),
            let time = Self.originalTimestamp(value)
        {
            return time
        }
        guard !names.isDisjoint(with: Self.timestamps) else { return nil }
        if letter.dialect == .springDeadLetter, let time = timestamp(.springTimestamp) { return time }
        return timestamp(.retryFirstTimestamp) ?? timestamp(.springTimestamp) ?? timestamp(.retryTimestamp)
    }

    /// `gamification.original.timestamp`: RFC 3339, or milliseconds since 1970 in decimal digits.
    static func originalTimestamp(_ value: UnsafeRawBufferPointer) -> Int64? {
        guard let time = RFC3339.parse(value) ?? DecimalText.parse(value), time >= 0 else { return nil }
        return time
    }

    private static let timestamps: HeaderNameSet = [.springTimestamp, .retryFirstTimestamp, .retryTimestamp]

    private func timestamp(_ name: HeaderName) -> Int64? {
        guard let time = number(name), time >= 0 else { return nil }
        return time
    }
}
