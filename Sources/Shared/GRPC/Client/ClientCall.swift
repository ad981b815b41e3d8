import EventLoop
import Lifecycle

/// The state of one call of a channel, used again for another when it is over. Callers hold a ``GRPCClientCall``.
final class ClientCall {
    enum State {
        /// In the pool.
        case idle
        /// Waits for a connection with room.
        case queued
        /// Has a stream.
        case sent
        /// The caller has been told; the stream, if there is one, is about to go.
        case done
    }

    /// Where it is in the channel's table: what deadlines are set with.
    let slot: Int
    private(set) var generation: UInt32 = 0

    var connection: ClientConnection?
    /// Where it is among the connection's open calls.
    var index = 0
    var streamID: Int32 = 0
    var state = State.idle

    var path: [UInt8] = []
    var metadata: GRPCMetadata?
    var request = ByteBuffer()
    var requestOffset = 0
    var isCompressed = false
    var waitsForReady = false
    var deadline: MonotonicInstant?
    var deadlineEntry: TimerWheel.Entry?
    var attempts = 0
    /// Whether the server may have heard of it on the present stream.
    var isOnWire = false
    var completion: ((GRPCAnswer) -> Void)?

    var httpStatus = 0
    var hasContentType = false
    var hasHeaders = false
    var headerBytes = 0
    var answerEncoding = ServerCall.Encoding.identity
    var statusCode: Int?
    var statusMessage = ""
    var statusDetails: [GRPCStatusDetail] = []
    /// Decided before the stream ends: the answer is not one that can be taken.
    var verdict: GRPCStatus?
    var initialMetadata = ReceivedMetadata()
    var trailers = ReceivedMetadata()
    var answer = MessageReader()

    init(slot: Int) { self.slot = slot }

    /// Forgets what came on a stream, so that the call can be sent on another.
    func rewind() {
        connection = nil
        streamID = 0
        requestOffset = 0
        isOnWire = false
        httpStatus = 0
        hasContentType = false
        hasHeaders = false
        headerBytes = 0
        answerEncoding = .identity
        statusCode = nil
        statusMessage = ""
        statusDetails = []
        verdict = nil
        initialMetadata.removeAll()
        trailers.removeAll()
        answer.reset()
    }

    /// Makes handles of the call void and gives back what it held.
    func recycle() {
        rewind()
        generation &+= 1
        state = .idle
        path = []
        metadata = nil
        request.removeAll(keeping: 16 << 10)
        isCompressed = false
        deadline = nil
        deadlineEntry = nil
        attempts = 0
        completion = nil
    }
}

/// A call that is under way, for whoever began it.
package struct GRPCClientCall {
    private let call: ClientCall
    private let generation: UInt32
    private let channel: GRPCChannel

    init(_ call: ClientCall, _ channel: GRPCChannel) {
        self.call = call
        self.channel = channel
        generation = call.generation
    }

    /// Tells the server that nobody waits any more, and the callback CANCELLED; nothing if the call is over.
    package func cancel() {
        guard call.generation == generation, call.state == .queued || call.state == .sent else { return }
        channel.giveUp(call, GRPCStatus(.cancelled, "the caller cancelled the call"))
    }
}
