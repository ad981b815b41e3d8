import CommandLine
import Glibc
import ToolKit

/// Keeps two copies from writing one archive: a lock beside it that the kernel takes back when the process ends.
final class FileLock: Sendable {
    private let descriptor: Int32
    private let path: String

    /// - Throws: a refusal where another process writes the file, or its folder cannot be written to.
    init(_ archive: String) throws {
        path = archive + ".lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Refusal(.failed, "\(path) cannot be created: \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw Refusal(.refused, "another program writes \(archive); nothing was written")
        }
    }

    /// Lets go; the file goes with it.
    func release() {
        unlink(path)
        close(descriptor)
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
