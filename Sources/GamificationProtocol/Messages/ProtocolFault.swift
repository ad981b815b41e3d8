/// Bytes that are not the message that they should be. Trying again does not help; the sender is at fault.
package enum ProtocolFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// They are not protocol buffers of that message.
    case malformed
    /// A string is not UTF-8, or holds a NUL.
    case badText(field: String)
    /// More fields than the message knows, or deeper nesting, than is taken.
    case excessive

    /// What is wrong, with the field's name where it is known; never a value.
    package var description: String {
        switch self {
        case .malformed: "the message is malformed"
        case .badText(let field): "\(field) is not UTF-8 text without NUL"
        case .excessive: "the message has too many unknown fields"
        }
    }
}
