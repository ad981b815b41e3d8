/// How a call ended: a code, words for a person, and details for a program.
package struct GRPCStatus: Error, Equatable, Sendable, CustomStringConvertible {
    /// Bytes of a message that are sent, so that a status always fits the peer's limit for headers.
    static let messageLimit = 1_024

    /// How the call ended.
    package var code: GRPCCode
    /// What was wrong, without secrets: it crosses the wire. Longer than 1 KiB is cut.
    package var message: String
    /// Sent as `grpc-status-details-bin`, a `google.rpc.Status`, if there are any.
    package var details: [GRPCStatusDetail]

    /// A status of these parts.
    package init(_ code: GRPCCode, _ message: String = "", details: [GRPCStatusDetail] = []) {
        self.code = code
        self.message = message
        self.details = details
    }

    /// The call did what was asked.
    package static let ok = GRPCStatus(.ok)

    /// INVALID_ARGUMENT with what is wrong with each field.
    package static func badRequest(_ message: String, _ violations: [GRPCStatusDetail.FieldViolation]) -> GRPCStatus {
        GRPCStatus(.invalidArgument, message, details: [.badRequest(violations)])
    }

    /// A status that says when to try again, at the earliest.
    package static func retry(_ code: GRPCCode, _ message: String, afterNanoseconds delay: Int64) -> GRPCStatus {
        GRPCStatus(code, message, details: [.retryInfo(delayNanoseconds: delay)])
    }

    /// How long the server asks to wait before the next try, in nanoseconds, if it says.
    package var retryDelay: Int64? {
        for case .retryInfo(let delay) in details { return delay }
        return nil
    }

    /// `NOT_FOUND: no such badge`.
    package var description: String { message.isEmpty ? "\(code)" : "\(code): \(message)" }
}
