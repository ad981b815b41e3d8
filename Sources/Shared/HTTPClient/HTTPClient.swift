package import Lifecycle

/// An HTTP/1.1 client for a few requests at a time: one exchange after the other on a thread of its own, over kept
/// connections. Any task may call it; waiting requests queue in order, and their wait counts as part of their timeout.
///
/// A proxy is taken from the environment as curl does (`http_proxy`, `https_proxy`, `no_proxy`), never for loopback.
package actor HTTPClient {
    private nonisolated let executor: BlockingExecutor
    private nonisolated let totalTimeout: Duration
    private var connection: HTTPConnection

    /// Makes the client; nothing is opened before the first request. `executor` may be shared with other blocking work.
    package init(
        _ configuration: HTTPClientConfiguration = HTTPClientConfiguration(),
        executor: BlockingExecutor = BlockingExecutor(name: "http")
    ) {
        self.executor = executor
        totalTimeout = configuration.totalTimeout
        connection = HTTPConnection(configuration)
    }

    /// The client's own thread, where curl may block.
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Sends `request` and waits for the whole answer, on the client's thread.
    ///
    /// Throws ``HTTPError``; an answer with an error status is returned. Cancelling the calling task ends the exchange
    /// within about a second.
    package nonisolated func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let timeout = min(request.timeout ?? totalTimeout, totalTimeout)
        return try await send(request, deadline: MonotonicInstant.now().advanced(by: timeout.wholeNanoseconds))
    }

    private func send(_ request: HTTPRequest, deadline: MonotonicInstant) throws(HTTPError) -> HTTPResponse {
        var request = request
        let left = deadline.nanoseconds(since: .now())
        if Task.isCancelled { throw HTTPError(.cancelled, url: request.url) }
        guard left > 0 else { throw HTTPError(.timedOut, url: request.url, detail: "waiting for the client's thread") }
        request.timeout = .nanoseconds(left)
        return try connection.send(request)
    }
}

extension Duration {
    /// The duration in nanoseconds, held at the ends of the range.
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds > 0 ? .max : .min }
        return nanoseconds.addingReportingOverflow(attoseconds / 1_000_000_000).partialValue
    }

    /// The duration in milliseconds, rounded up, at least 1: libcurl takes 0 for "no limit".
    var curlMilliseconds: Int {
        max(1, Int(clamping: wholeNanoseconds / 1_000_000 + (wholeNanoseconds % 1_000_000 > 0 ? 1 : 0)))
    }
}
