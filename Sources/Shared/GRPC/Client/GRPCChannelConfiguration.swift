/// The limits and habits of a ``GRPCChannel``.
package struct GRPCChannelConfiguration: Sendable {
    /// Connections that are kept open, over which calls spread; addresses of the host are used in turn.
    package var connections = 2
    /// Calls that are under way or wait for a connection; more fail with RESOURCE_EXHAUSTED.
    package var maxCalls = 2_000
    /// Calls on one connection at a time, if the server allows so many; the others wait.
    package var maxConcurrentStreams = 1_000
    /// Bytes of one answer's message, before and after decompression; longer ones fail with RESOURCE_EXHAUSTED.
    package var maxResponseBytes = 4 << 20
    /// Size of an answer's header list as HTTP/2 counts it; larger ones fail with RESOURCE_EXHAUSTED.
    package var maxHeaderBytes = 16 << 10
    /// Requests of at least so many bytes are compressed; nil for none.
    package var compressFromBytes: Int?
    /// Bytes that the server may send on one stream, and on one connection, before it is given more room.
    package var streamWindow = 256 << 10
    /// The same for all streams of a connection together.
    package var connectionWindow = 1 << 20

    /// Seconds until a connection is made, TLS agreed on and the server's settings there.
    package var connectSeconds = 5.0
    /// Seconds before a connection that failed is tried again: the first time, and at most. Each time is 1.6 times the one
    /// before, give or take a fifth.
    package var backoffSeconds = 0.1
    /// The longest pause.
    package var maxBackoffSeconds = 10.0
    /// Seconds of silence, with calls under way, after which the server is asked for a sign of life, and that it has for it.
    package var keepaliveSeconds = 60.0
    /// How long that sign may take.
    package var keepaliveTimeoutSeconds = 20.0
    /// Times that a call is sent again which the server said it did not look at; after a refused stream with pauses of 2 ms
    /// and more, so that a busy server is tried for about half a second.
    package var maxTransparentRetries = 10
    /// What the server is told that calls.
    package var userAgent = "gamification-toolkit"
    /// Seconds between two looks at all that takes too long.
    package var housekeepingSeconds = 1.0

    /// The defaults.
    package init() {}
}
