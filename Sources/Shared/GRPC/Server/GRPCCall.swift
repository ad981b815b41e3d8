package import EventLoop
package import Lifecycle

/// A call that a handler has: its request, and the way to answer it, now or later, on the loop's thread.
///
/// It may be copied and kept. Once the call is answered, cancelled or past its deadline, everything here does nothing, so a
/// handler may answer late without asking; ``isOpen`` spares it the work.
package struct GRPCCall {
    private let call: ServerCall
    private let generation: UInt32

    init(_ call: ServerCall) {
        self.call = call
        generation = call.generation
    }

    /// Whether an answer still reaches the client.
    package var isOpen: Bool {
        call.generation == generation && (call.state == .handling || call.state == .streaming)
    }

    // MARK: The request

    /// The request's message, decompressed; valid until the call is answered. Empty if it is over.
    package var request: UnsafeRawBufferPointer {
        isOpen ? call.request.body.bytes : UnsafeRawBufferPointer(start: nil, count: 0)
    }

    /// When the client stops waiting; nil if it set no deadline, or the call is over.
    package var deadline: MonotonicInstant? { isOpen ? call.deadline : nil }

    /// The first value of a metadata field; nil if there is none, or the call is over. Names are in lower case.
    package func metadata(_ name: String) -> String? { isOpen ? call.metadata.first(name) : nil }

    /// The values of a metadata field whose name ends in `-bin`; nil if one of them is not Base64, or the call is over.
    package func binaryMetadata(_ name: String) -> [[UInt8]]? { isOpen ? call.metadata.binary(name) : nil }

    /// Where the client's connection comes from.
    package var peer: SocketAddress? { isOpen ? call.connection?.stream?.peer : nil }

    /// Who the client's certificate says that it is; nil without mTLS.
    package var peerCertificate: TLSPeer? { isOpen ? call.connection?.peerCertificate : nil }

    /// Calls `action` if the call ends before it is answered: the client cancelled it or went away, or its deadline passed.
    package func onCancel(_ action: @escaping () -> Void) {
        if isOpen { call.onCancel = action }
    }

    // MARK: The answer

    /// Has metadata sent before the message.
    package func setInitialMetadata(_ metadata: GRPCMetadata) {
        if isOpen { call.initialMetadata = metadata }
    }

    /// Answers with a message that `write` puts into memory of `byteCount` bytes; it returns how many it wrote.
    package func respond(
        byteCount: Int, trailers: GRPCMetadata? = nil, _ write: (UnsafeMutableRawBufferPointer) -> Int
    ) {
        guard isOpen else { return }
        call.connection?.respond(call, byteCount: byteCount, trailers: trailers, isLast: true, write)
    }

    /// Answers with these bytes as the message.
    package func respond(_ message: UnsafeRawBufferPointer, trailers: GRPCMetadata? = nil) {
        respond(byteCount: message.count, trailers: trailers) {
            $0.copyMemory(from: message)
            return message.count
        }
    }

    /// Answers with a status other than OK.
    package func fail(_ status: GRPCStatus, trailers: GRPCMetadata? = nil) {
        if isOpen { call.connection?.answer(call, with: status, trailers: trailers) }
    }

    /// Sends one message of a stream; ``fail(_:trailers:)`` ends the stream. False if the call is over, or the client has
    /// left more than 64 KiB of messages unread.
    @discardableResult
    func send(_ message: [UInt8]) -> Bool {
        guard isOpen, call.response.count < 64 << 10 else { return false }
        call.connection?.respond(call, byteCount: message.count, trailers: nil, isLast: false) {
            $0.copyBytes(from: message)
            return message.count
        }
        return true
    }
}
