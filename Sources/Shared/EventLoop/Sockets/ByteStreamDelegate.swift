/// What hears of a ``ByteStream``. All calls come on the loop's thread; none comes after ``streamEnded(_:)``, or after the
/// stream was closed.
package protocol ByteStreamDelegate: AnyObject {
    /// It is connected, and TLS, if any, agreed on. Accepted plain streams are open from the start and do not say so.
    func streamOpened()
    /// Bytes came. They are valid during the call only.
    func streamReceived(_ bytes: UnsafeRawBufferPointer)
    /// All that was sent has been handed to the kernel, after some of it had had to wait.
    func streamDrained()
    /// The peer closed the stream or it broke; nothing can be sent any more. The delegate should let go of the stream.
    func streamEnded(_ reason: StreamEnd)
}

/// Why a stream is over.
package enum StreamEnd: Sendable, CustomStringConvertible {
    /// The peer closed it.
    case closedByPeer
    /// It could not be opened, or broke.
    case failed(EventLoopError)

    /// The reason in words.
    package var description: String {
        switch self {
        case .closedByPeer: "the peer closed the connection"
        case .failed(let error): error.description
        }
    }
}
