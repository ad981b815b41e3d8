extension DeadLetterReader {
    private static let own: HeaderNameSet = [
        .errorCode, .eventID, .eventType, .merchantID, .firstFailedAt, .retryCount, .redriveKind, .originalTimestamp,
        .unparkedCount,
    ]

    /// Reads the headers that only this service's programs write.
    func readOwn(into letter: inout DeadLetter) {
        guard !names.isDisjoint(with: Self.own) else { return }
        if let value = value(of: .errorCode) { letter.errorCode = ErrorCode(bytes: value) }
        letter.eventID = read(.eventID, into: &letter) { Identifier(bytes: $0) }
        letter.eventType = read(.eventType, into: &letter) { EventType(bytes: $0) }
        letter.merchantID = read(.merchantID, into: &letter) { Identifier(bytes: $0) }
        letter.firstFailedAt = read(.firstFailedAt, into: &letter) { RFC3339.parse($0) }
        letter.redriveKind = read(.redriveKind, into: &letter) { RedriveKind(bytes: $0) }
        letter.retryCount = read(.retryCount, into: &letter) { Self.count($0) } ?? 0
        letter.unparkedCount = read(.unparkedCount, into: &letter) { Self.count($0) } ?? 0
        letter.hasOriginalTimestamp = read(.originalTimestamp, into: &letter) { Self.originalTimestamp($0) } != nil
    }

    private func read<Value>(
        _ name: HeaderName, into letter: inout DeadLetter, _ parse: (UnsafeRawBufferPointer) -> Value?
    ) -> Value? {
        guard names.contains(name) else { return nil }
        guard let value = value(of: name), let result = parse(value) else {
            letter.invalid.insert(name)
            return nil
        }
        return result
    }

    private static func count(_ value: UnsafeRawBufferPointer) -> Int32? {
        guard let number = HeaderNumber.text.read(value), (0...Int64(DeadLetter.maximumCount)).contains(number)
        else { return nil }
        return Int32(number)
    }
}
