/// Why a file of lines with a seal cannot be written or read. Trying again does not help, but for `system`.
package enum SealedFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A call of the system failed: what was done, to which file, and the system's words.
    case system(String, path: String, reason: String)
    /// It ends without its seal.
    case truncated(path: String)
    /// Its seal does not fit to its lines.
    case altered(path: String)
    /// A line that no version of this program writes; the number counts from 1.
    case malformed(path: String, line: Int, String)

    /// What is wrong with the file, and what to do.
    package var description: String {
        switch self {
        case .system(let action, let path, let reason): "cannot \(action) \(path): \(reason)"
        case .truncated(let path): "\(path) is cut off: it does not end with its seal; write it anew"
        case .altered(let path): "\(path) was changed after it was written: its SHA-256 does not match; write it anew"
        case .malformed(let path, let line, let reason): "\(path) line \(line): \(reason)"
        }
    }
}
