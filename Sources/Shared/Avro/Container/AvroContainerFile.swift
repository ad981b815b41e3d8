import Glibc

/// An open file, closed when it goes out of scope. Calls block: not for the cooperative pool.
struct AvroContainerFile: ~Copyable {
    let path: String
    private let descriptor: Int32

    /// Opens an existing file.
    init(path: String, forWriting: Bool) throws(AvroContainerError) {
        self.path = path
        descriptor = open(path, (forWriting ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw AvroContainerFile.failure(path, 0, "cannot be opened") }
    }

    /// Makes a file that must not exist yet, readable by its owner alone.
    init(creating path: String) throws(AvroContainerError) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw AvroContainerFile.failure(path, 0, "cannot be created") }
    }

    deinit { close(descriptor) }

    /// An error with the present `errno`.
    static func failure(_ path: String, _ offset: Int64, _ what: String) -> AvroContainerError {
        let code = errno
        return AvroContainerError(
            kind: .system(code), path: path, offset: offset, reason: "\(what): \(String(cString: strerror(code)))")
    }

    var size: Int64 {
        get throws(AvroContainerError) {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw Self.failure(path, 0, "its size cannot be read") }
            return Int64(status.st_size)
        }
    }

    /// Up to `count` bytes from `offset`, fewer only at the end of the file.
    func read(at offset: Int64, count: Int) throws(AvroContainerError) -> [UInt8] {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count, let base = buffer.baseAddress {
                let got = pread(descriptor, base + filled, count - filled, off_t(offset) + off_t(filled))
                if got < 0, errno == EINTR { continue }
                failed = got < 0
                if got <= 0 { return }
                filled += got
            }
        }
        if failed { throw Self.failure(path, offset, "cannot be read") }
        return bytes
    }

    /// Writes all bytes at `offset`.
    func write(_ bytes: [UInt8], at offset: Int64) throws(AvroContainerError) {
        var done = 0
        while done < bytes.count {
            let wrote = bytes.withUnsafeBytes { buffer in
                pwrite(
                    descriptor, buffer.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset) + off_t(done))
            }
            if wrote < 0, errno == EINTR { continue }
            guard wrote > 0 else { throw Self.failure(path, offset, "cannot be written") }
            done += wrote
        }
    }

    func truncate(to size: Int64) throws(AvroContainerError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw Self.failure(path, size, "cannot be cut back") }
    }

    /// Waits until the file's contents are on the disk, whoever wrote them.
    func synchronize() throws(AvroContainerError) {
        guard fsync(descriptor) == 0 else { throw Self.failure(path, 0, "cannot be synchronized to disk") }
    }

    /// Takes the file's name away.
    func remove() { unlink(path) }

    /// Waits until the directory knows the file, so that it is still there after a power failure.
    func synchronizeDirectory() throws(AvroContainerError) {
        let parent = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let directory = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw Self.failure(path, 0, "its directory cannot be opened") }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw Self.failure(path, 0, "its directory cannot be synchronized to disk") }
    }
}
