import Glibc

/// Reads small regular files whole, never more than a stated size.
package enum BoundedFile {
    /// A file's bytes and what its permissions allow.
    package struct Contents: Sendable {
        /// The bytes, at most the limit that was asked for.
        package let bytes: [UInt8]
        /// True when users other than owner and group may read the file.
        package let isWorldReadable: Bool
    }

    /// Why a file could not be read, as a phrase that follows its path (`does not exist`).
    package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// The phrase.
        package let description: String
    }

    /// Reads `path`, which may be a regular file or a pipe (`<(command)`), but holds at most `limit` bytes.
    ///
    /// Blocks on the file system: call it at start-up, not on the cooperative pool.
    /// - Parameter patience: how many seconds a pipe, or a device, may bring nothing; nobody may be writing into it.
    /// - Throws: `Failure` when it is missing, unreadable, a directory, silent for too long or larger than `limit`.
    package static func read(_ path: String, limit: Int, patience: Int = 30) throws(Failure) -> Contents {
        guard !path.isEmpty, !path.utf8.contains(0) else { throw Failure(description: "is not a file name") }
        // Without waiting: to open a pipe into which nobody writes would take for ever.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw failure(errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(errno) }
        guard status.st_mode & S_IFMT != S_IFDIR else { throw Failure(description: "is a directory, not a file") }
        let isRegular = status.st_mode & S_IFMT == S_IFREG
        return Contents(
            bytes: try bytes(of: descriptor, limit: limit, patience: isRegular ? nil : patience),
            isWorldReadable: isRegular && status.st_mode & S_IROTH != 0)
    }

    /// - Parameter patience: seconds without a byte; nil for a file that always has some, or its end.
    private static func bytes(of descriptor: CInt, limit: Int, patience: Int?) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(limit + 1, 65_536))
        while true {
            if let patience { try wait(for: descriptor, seconds: patience) }
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 {
                if errno == EINTR || errno == EAGAIN { continue }
                throw failure(errno)
            }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= limit else {
                throw Failure(description: "is larger than the \(limit) bytes that are allowed here")
            }
        }
    }

    private static func wait(for descriptor: CInt, seconds: Int) throws(Failure) {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while true {
            let found = poll(&request, 1, CInt(clamping: seconds * 1_000))
            if found > 0 { return }
            guard found == 0 else {
                if errno == EINTR { continue }
                throw failure(errno)
            }
            throw Failure(description: "brought nothing for \(seconds) s; does anybody write into it?")
        }
    }

    private static func failure(_ code: CInt) -> Failure {
        switch code {
        case ENOENT: Failure(description: "does not exist")
        case EACCES, EPERM: Failure(description: "may not be read by this user")
        case EISDIR: Failure(description: "is a directory, not a file")
        default: Failure(description: "could not be read: \(String(cString: strerror(code)))")
        }
    }
}
