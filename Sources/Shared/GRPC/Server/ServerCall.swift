import EventLoop
import Lifecycle

/// The state of one call on the server, used again for another when it is over. Handlers hold a ``GRPCCall``.
final class ServerCall {
    enum State {
        /// In the pool.
        case idle
        /// The request is coming.
        case receiving
        /// The handler has it.
        case handling
        /// The handler has begun an answer of many messages.
        case streaming
        /// The answer is given, or the call given up; its bytes may still be on their way.
        case answered
    }

    enum Encoding {
        case identity
        case gzip
        case unknown
    }

    /// Where it is in the server's table: what deadlines are set with.
    let slot: Int
    /// Tells a handle of an earlier call from one of this.
    private(set) var generation: UInt32 = 0

    var connection: ServerConnection?
    /// Where it is among the connection's open calls.
    var index = 0
    var streamID: Int32 = 0
    var state = State.idle

    var method: ServerMethod?
    /// What the headers show to be wrong; answered when they are complete.
    var rejection: GRPCStatus?
    /// The status of HTTP that a rejection has, other than 200 where the client is no gRPC client.
    var httpStatus = 200
    var hasContentType = false
    var headerBytes = 0
    var encoding = Encoding.identity
    var acceptsGzip = false
    var isRequestWhole = false

    var start = MonotonicInstant(nanoseconds: 0)
    var deadline: MonotonicInstant?
    var deadlineEntry: TimerWheel.Entry?
    var answeredAt = MonotonicInstant(nanoseconds: 0)

    var metadata = ReceivedMetadata()
    var request = MessageReader()
    var response = ByteBuffer()
    var initialMetadata: GRPCMetadata?
    var status = GRPCStatus.ok
    var trailers: GRPCMetadata?
    var isResponseComplete = false
    var onCancel: (() -> Void)?

    init(slot: Int) { self.slot = slot }

    /// Makes handles of the call void and gives back what it held.
    func recycle() {
        generation &+= 1
        connection = nil
        state = .idle
        method = nil
        rejection = nil
        httpStatus = 200
        hasContentType = false
        headerBytes = 0
        encoding = .identity
        acceptsGzip = false
        isRequestWhole = false
        deadline = nil
        deadlineEntry = nil
        metadata.removeAll()
        request.reset()
        response.removeAll(keeping: 16 << 10)
        initialMetadata = nil
        status = .ok
        trailers = nil
        isResponseComplete = false
        onCancel = nil
    }
}
