import Glibc

/// Why results could not be written. Nothing that was written before is taken back.
package enum OutputError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The reader of the pipe has gone (EPIPE).
    case closed
    /// No room on the device, or over quota (ENOSPC, EDQUOT).
    case full
    /// Any other cause, with its errno.
    case other(Int32)

    init(errno code: Int32) {
        self =
            switch code {
            case EPIPE: .closed
            case ENOSPC, EDQUOT: .full
            default: .other(code)
            }
    }

    /// What could not be written, and why.
    package var description: String {
        switch self {
        case .closed: "standard output was closed by its reader; the results are incomplete"
        case .full: "standard output: no space left on the device; the results are incomplete"
        case .other(let code): "standard output could not be written (\(String(cString: strerror(code))))"
        }
    }
}
