/// Why a record of the runs topic cannot be read or written. A retry does not help.
package enum RunDamage: Error, Equatable, Sendable, CustomStringConvertible {
    case malformed
    case unknownVersion(Int64)
    case tooLarge(bytes: Int)

    /// A clause that follows "the record cannot be read:".
    package var description: String {
        switch self {
        case .malformed: "it is no record of these programs, or damaged"
        case .unknownVersion(let version): "it is of version \(version), and this program knows \(RunCodec.version)"
        case .tooLarge(let bytes):
            "it would take \(bytes) bytes, and \(RunCodec.maximumBytes) are allowed: name fewer topics"
        }
    }
}
