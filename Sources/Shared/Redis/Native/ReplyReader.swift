import CHiredis

/// hiredis' reader with a bound on everything: bytes in, replies out. After an error it is of no use.
///
/// Not Sendable; the one owner of the native reader, of the sink that it calls, and of the builder behind that.
final class ReplyReader {
    private let native: UnsafeMutablePointer<redisReader>
    private let sink: UnsafeMutablePointer<chiredis_sink>
    private let builder: ReplyBuilder
    private let limits: ReplyBuilder.Limits

    /// hiredis moves what it has not parsed after each kilobyte that it has: small pieces keep that cheap.
    static let piece = 16_384

    init(limits: ReplyBuilder.Limits = .init()) throws(RedisError) {
        builder = ReplyBuilder(limits: limits)
        self.limits = limits
        sink = .allocate(capacity: 1)
        sink.initialize(to: Self.sink(for: builder))
        guard let native = chiredis_reader(sink) else {
            sink.deallocate()
            throw RedisError(.limit, "no memory for a connection")
        }
        self.native = native
    }

    deinit {
        redisReaderFree(native)
        sink.deinitialize(count: 1)
        sink.deallocate()
    }

    /// Parses `bytes` and hands every complete reply to `body`, in order.
    /// - Throws: `RedisError` of kind `protocolViolation` when these are no replies, or too large ones.
    func read(_ bytes: UnsafeRawBufferPointer, _ body: (RedisReply) -> Void) throws(RedisError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.piece))
            rest = rest.dropFirst(Self.piece)
            guard chiredis_buffered(native) + piece.count <= limits.bytes + Self.piece else {
                throw RedisError(.protocolViolation, "the server sent a reply of more than \(limits.bytes) bytes")
            }
            let base = piece.baseAddress?.assumingMemoryBound(to: CChar.self)
            guard redisReaderFeed(native, base, piece.count) == REDIS_OK else { throw failure() }
            while let reply = try next() { body(reply) }
        }
    }

    private func next() throws(RedisError) -> RedisReply? {
        var object: UnsafeMutableRawPointer?
        guard redisReaderGetReply(native, &object) == REDIS_OK else { throw failure() }
        return object == nil ? nil : builder.take()
    }

    private func failure() -> RedisError {
        let found = builder.refusal ?? Self.words(String(cString: chiredis_error(native)))
        return RedisError(.protocolViolation, "the server sent what is no reply: \(found)")
    }

    /// hiredis' words without the byte that it quotes.
    private static func words(_ text: String) -> String {
        String(text.prefix { $0 != "," && $0 != "\"" }.prefix(100))
    }

    private static func sink(for builder: ReplyBuilder) -> chiredis_sink {
        chiredis_sink(
            // The reader owns the builder and outlives the sink's use.
            context: Unmanaged.passUnretained(builder).toOpaque(),
            string: { context, type, bytes, count in
                builderOf(context).string(type, UnsafeRawBufferPointer(start: bytes, count: count)) ? 1 : 0
            },
            aggregate: { context, type, count in builderOf(context).aggregate(type, count) ? 1 : 0 },
            integer: { context, value in builderOf(context).add(.integer(Int64(value))) ? 1 : 0 },
            null: { context in builderOf(context).add(.null) ? 1 : 0 },
            real: { context, value in builderOf(context).add(.double(value)) ? 1 : 0 },
            boolean: { context, value in builderOf(context).add(.boolean(value != 0)) ? 1 : 0 })
    }
}

private func builderOf(_ context: UnsafeMutableRawPointer?) -> ReplyBuilder {
    guard let context else { preconditionFailure("a sink without its context") }
    return Unmanaged<ReplyBuilder>.fromOpaque(context).takeUnretainedValue()
}
