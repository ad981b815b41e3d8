import GRPC
import GamificationProtocol

extension GRPCCall {
    /// The request's message; nil, and the call is answered, if it is none.
    func message<Message: ProtocolMessage>(_: Message.Type) -> Message? {
        do throws(ProtocolFault) {
            return try Message(decoding: request)
        } catch {
            fail(GRPCStatus(.invalidArgument, error.description))
            return nil
        }
    }

    /// Answers with a message or a status.
    func answer(_ result: Result<some ProtocolMessage, GRPCStatus>) {
        switch result {
        case .failure(let status): fail(status)
        case .success(let message): message.encode { count, write in respond(byteCount: count, write) }
        }
    }
}
