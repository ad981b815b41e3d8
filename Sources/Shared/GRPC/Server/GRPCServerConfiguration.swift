/// The limits of a ``GRPCServer``. Every one is finite.
package struct GRPCServerConfiguration: Sendable {
    /// Bytes of one request's message, before and after decompression. Longer ones get RESOURCE_EXHAUSTED.
    package var maxRequestBytes = 4 << 20
    /// Bytes of one answer's message. Longer ones become RESOURCE_EXHAUSTED.
    package var maxResponseBytes = 4 << 20
    /// Bytes of all requests that are held at a time; beyond it new ones get RESOURCE_EXHAUSTED.
    package var maxBufferedBytes = 64 << 20
    /// Size of a request's header list as HTTP/2 counts it; larger ones get RESOURCE_EXHAUSTED.
    package var maxHeaderBytes = 16 << 10
    /// Calls that a connection may have open at a time.
    package var maxConcurrentStreams = 1_000
    /// Calls that are open at a time on all connections; further ones are refused, and may be tried elsewhere.
    package var maxOpenCalls = 16_384
    /// Connections at a time; further ones are closed at once.
    package var maxConnections = 1_024
    /// Bytes that a client may send on one stream, and on one connection, before it is given more room.
    package var streamWindow = 256 << 10
    /// The same for all streams of a connection together.
    package var connectionWindow = 1 << 20

    /// Seconds until a new connection has agreed on TLS and sent its settings.
    package var handshakeSeconds = 10.0
    /// Seconds until a request that has begun is whole.
    package var requestSeconds = 30.0
    /// Seconds in which a client takes an answer, or anything else that is sent to it.
    package var responseSeconds = 30.0
    /// Seconds that a call may take whose client set no deadline.
    package var defaultDeadlineSeconds = 60.0

    /// Seconds of silence after which a connection is asked for a sign of life, and seconds that it has for it.
    package var keepaliveSeconds = 60.0
    /// How long that sign may take.
    package var keepaliveTimeoutSeconds = 20.0
    /// Seconds between pings of a client at least; three that come earlier, with nothing sent to it in between, end the
    /// connection with ENHANCE_YOUR_CALM (`too_many_pings`).
    package var minPingSeconds = 10.0
    /// Seconds after which a connection is asked to end, with up to a tenth more or less; nil for never.
    package var maxConnectionAgeSeconds: Double?
    /// Seconds that calls have to finish after that.
    package var maxConnectionAgeGraceSeconds = 30.0
    /// Seconds without a call after which a connection is asked to end; nil for never.
    package var maxConnectionIdleSeconds: Double?

    /// Answers of at least so many bytes are compressed for clients that accept gzip; nil for none.
    package var compressFromBytes: Int?
    /// Seconds between two looks at all that takes too long: how late a limit above may be enforced.
    package var housekeepingSeconds = 1.0

    /// The defaults.
    package init() {}
}
