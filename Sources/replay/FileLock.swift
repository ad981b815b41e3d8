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
        // One that was let go of between the opening and the lock stands there no more.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, Self.stands(descriptor, at: path) else {
            close(descriptor)
            throw Refusal(.refused, "another program writes \(archive); nothing was written")
        }
    }

    /// Lets go; the file goes with it.
    func release() {
        unlink(path)
        close(descriptor)
    }

    private static func stands(_ descriptor: Int32, at path: String) -> Bool {
        var (mine, there) = (stat(), stat())
        return fstat(descriptor, &mine) == 0 && stat(path, &there) == 0 && mine.st_ino == there.st_ino
            && mine.st_dev == there.st_dev
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
