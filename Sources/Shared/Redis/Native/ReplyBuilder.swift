import CHiredis

/// Puts a reply together from what hiredis' reader finds, and refuses one that is larger or deeper than allowed before
/// anything of that size is allocated.
final class ReplyBuilder {
    /// What one reply may have at most.
    struct Limits: Sendable {
        /// Bytes of all its strings.
        var bytes = 16 << 20
        /// Values in all its aggregates.
        var values = 1 << 20
        /// Aggregates within each other.
        var depth = 8
    }

    private struct Frame {
        let type: Int32
        var missing: Int
        var values: [RedisReply]
    }

    /// The complete reply, once there is one.
    private(set) var reply: RedisReply?
    /// Why the reply was refused.
    private(set) var refusal: String?
    private let limits: Limits
    private var frames: [Frame] = []
    private var bytes = 0
    private var values = 0

    init(limits: Limits) { self.limits = limits }

    /// Hands out the reply and is ready for the next.
    func take() -> RedisReply? {
        defer { (reply, bytes, values) = (nil, 0, 0) }
        return reply
    }

    func string(_ type: Int32, _ text: UnsafeRawBufferPointer) -> Bool {
        bytes += text.count
        guard bytes <= limits.bytes else { return refuse("a reply of more than \(limits.bytes) bytes") }
        switch type {
        case chiredis_type_status():
            return add(text.elementsEqual("OK".utf8) ? .ok : .status(String(decoding: text, as: UTF8.self)))
        case chiredis_type_error(): return add(.error(RedisServerError(text)))
        case chiredis_type_big_number(): return add(.bigNumber(String(decoding: text, as: UTF8.self)))
        // Three letters and a colon say of what kind a verbatim string is.
        case chiredis_type_verbatim(): return add(.bytes(Array(text.dropFirst(4))))
        default: return add(.bytes(Array(text)))
        }
    }

    func aggregate(_ type: Int32, _ count: Int) -> Bool {
        guard frames.count < limits.depth else { return refuse("a reply nested more than \(limits.depth) deep") }
        guard count <= limits.values - values else { return refuse("a reply of more than \(limits.values) values") }
        guard [chiredis_type_array(), chiredis_type_map(), chiredis_type_set(), chiredis_type_push()].contains(type)
        else { return refuse("a reply of a kind that was not asked for") }
        values += count
        var frame = Frame(type: type, missing: count, values: [])
        // A count is only a promise: memory follows what comes.
        frame.values.reserveCapacity(min(count, 64))
        frames.append(frame)
        if count == 0 { close() }
        return true
    }

    func add(_ value: RedisReply) -> Bool {
        guard let last = frames.indices.last else {
            reply = value
            return true
        }
        frames[last].values.append(value)
        frames[last].missing -= 1
        if frames[last].missing == 0 { close() }
        return true
    }

    /// The innermost aggregate is complete; it may complete the one around it.
    private func close() {
        guard let frame = frames.popLast() else { return }
        let value: RedisReply =
            switch frame.type {
            case chiredis_type_map(): .map(Self.pairs(frame.values))
            case chiredis_type_set(): .set(frame.values)
            case chiredis_type_push(): .push(frame.values)
            default: .array(frame.values)
            }
        _ = add(value)
    }

    private static func pairs(_ values: [RedisReply]) -> [RedisReply.Pair] {
        stride(from: 0, to: values.count - 1, by: 2).map { .init(key: values[$0], value: values[$0 + 1]) }
    }

    private func refuse(_ reason: String) -> Bool {
        refusal = reason
        return false
    }
}
