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
    /// - Throws: `Failure` when it is missing, unreadable, a directory or larger than `limit`.
    package static func read(_ path: String, limit: Int) throws(Failure) -> Contents {
        guard !path.isEmpty, !path.utf8.contains(0) else { throw Failure(description: "is not a file name") }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(errno) }
        guard status.st_mode & S_IFMT != S_IFDIR else { throw Failure(description: "is a directory, not a file") }
        let isRegular = status.st_mode & S_IFMT == S_IFREG
        return Contents(
            bytes: try bytes(of: descriptor, limit: limit),
            isWorldReadable: isRegular && status.st_mode & S_IROTH != 0)
    }

    private static func bytes(of descriptor: CInt, limit: Int) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(limit + 1, 65_536))
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw failure(errno)
            }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= limit else {
                throw Failure(description: "is larger than the \(limit) bytes that are allowed here")
            }
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
