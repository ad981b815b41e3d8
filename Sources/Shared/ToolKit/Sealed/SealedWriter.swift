import Crypto
import Glibc

/// Writes a file of lines that ends with a seal: `{"lines":N,"sha256":"…"}`, the digest being of all bytes before that
/// line. The file appears under its name when it is complete and on the disk, not before. One thread at a time.
package final class SealedWriter {
    private let path: String
    private let partial: String
    private var descriptor: CInt
    private var buffer: [UInt8] = []
    private var hasher: SHA256Hasher
    private var lines = 0
    private static let capacity = 65_536

    /// Makes the file beside its place; one that stands there is replaced at the end.
    ///
    /// - Throws: `SealedFileError`, `CryptoError`.
    package init(path: String) throws {
        if let reason = OutputFile.objection(to: path) {
            throw SealedFileError.system("write", path: path, reason: reason)
        }
        self.path = path
        partial = "\(path).\(getpid()).part"
        hasher = try SHA256Hasher()
        // Left behind by a process of the same id that was killed: in containers ids come again.
        unlink(partial)
        descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("create", partial) }
        buffer.reserveCapacity(Self.capacity + 4_096)
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(partial)
    }

    /// Appends a line; `line` holds no line break.
    package func append(_ line: some Sequence<UInt8>) throws(SealedFileError) {
        buffer.append(contentsOf: line)
        buffer.append(0x0A)
        lines += 1
        if buffer.count >= Self.capacity { try flush() }
    }

    /// Appends a line of text.
    package func append(_ line: String) throws(SealedFileError) { try append(line.utf8) }

    /// Writes the seal and gives the file its name.
    package func finish() throws(SealedFileError) {
        try flush()
        let digest = hasher.finish()
        buffer.append(contentsOf: "{\"lines\":\(lines),\"sha256\":\"\(digest)\"}\n".utf8)
        try writeBuffer()
        guard fsync(descriptor) == 0 else { throw Self.failure("write", partial) }
        let closed = close(descriptor)
        descriptor = -1
        guard closed == 0 else { throw Self.failure("write", partial) }
        guard rename(partial, path) == 0 else {
            let failure = Self.failure("write", path)
            unlink(partial)
            throw failure
        }
    }

    private func flush() throws(SealedFileError) {
        buffer.withUnsafeBytes { hasher.update($0) }
        try writeBuffer()
    }

    private func writeBuffer() throws(SealedFileError) {
        var offset = 0
        while offset < buffer.count {
            let count = buffer.withUnsafeBytes { bytes in
                write(descriptor, bytes.baseAddress?.advanced(by: offset), bytes.count - offset)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure("write", partial) }
            offset += count
        }
        buffer.removeAll(keepingCapacity: true)
    }

    static func failure(_ action: String, _ path: String) -> SealedFileError {
        .system(action, path: path, reason: String(cString: strerror(errno)))
    }
}
