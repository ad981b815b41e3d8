/// A method that a server has.
final class ServerMethod {
    let path: String
    let utf8: [UInt8]
    let handler: (GRPCCall) -> Void
    /// Whether an answer may be many messages with no end in sight, without a deadline unless the client sets one.
    let isStream: Bool

    init(path: String, isStream: Bool, handler: @escaping (GRPCCall) -> Void) {
        self.path = path
        self.isStream = isStream
        self.handler = handler
        utf8 = Array(path.utf8)
    }
}
