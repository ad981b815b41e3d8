import EventLoop

/// How a call ended, for its callback only: message and metadata are void after it.
package struct GRPCAnswer {
    private let call: ClientCall
    /// OK, or why there is no message.
    package let status: GRPCStatus

    init(_ call: ClientCall, _ status: GRPCStatus) {
        self.call = call
        self.status = status
    }

    /// The answer's message, decompressed; empty unless the status is OK.
    package var message: UnsafeRawBufferPointer {
        status.code == .ok ? call.answer.body.bytes : UnsafeRawBufferPointer(start: nil, count: 0)
    }

    /// The first value of a metadata field that came before the message; nil if there is none.
    package func initialMetadata(_ name: String) -> String? { call.initialMetadata.first(name) }

    /// The first value of a metadata field that came after the message, or with a status alone; nil if there is none.
    package func trailers(_ name: String) -> String? { call.trailers.first(name) }

    /// The values of such a field whose name ends in `-bin`; nil if one of them is not Base64.
    package func binaryTrailers(_ name: String) -> [[UInt8]]? { call.trailers.binary(name) }
}
