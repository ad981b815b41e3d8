import Glibc

/// Writes metrics where node_exporter's textfile collector, or a CI job, finds them.
package enum MetricsFile {
    /// Replaces the content of `path` at once: a reader sees the old file or the new one, never half of it, and a
    /// failure (a full disk, a missing directory) leaves the old one as it was.
    ///
    /// The text goes to a file beside it (whose name the collector ignores), is synced, and renamed. A symbolic link
    /// stays and its target is replaced; something that is no regular file, a pipe or a terminal, is written to. Blocks.
    package static func write(_ registry: MetricRegistry, to path: String) throws(MetricsFileError) {
        try write(registry.exposition(), to: path)
    }

    /// The same for any text.
    package static func write(_ text: String, to path: String) throws(MetricsFileError) {
        var status = stat()
        if stat(path, &status) == 0 {
            switch status.st_mode & S_IFMT {
            case S_IFREG: break
            case S_IFDIR: throw MetricsFileError(path: path, step: "write to", code: EISDIR)
            default: return try writeThrough(text, to: path)
            }
        }
        try replace(resolved(path), with: text, named: path)
    }

    /// Whether the file could be written as things are now, without writing it: to be asked before the work whose metrics
    /// it is to hold. Blocks.
    package static func check(_ path: String) throws(MetricsFileError) {
        guard !path.isEmpty else { throw MetricsFileError(path: path, step: "make a file beside", code: ENOENT) }
        var status = stat()
        if stat(path, &status) == 0 {
            switch status.st_mode & S_IFMT {
            case S_IFREG: break
            case S_IFDIR: throw MetricsFileError(path: path, step: "write to", code: EISDIR)
            default:
                guard access(path, W_OK) == 0 else { throw MetricsFileError(path: path, step: "open", code: errno) }
                return
            }
        }
        let directory = directory(of: resolved(path))
        guard access(directory, W_OK | X_OK) == 0 else {
            throw MetricsFileError(path: path, step: "make a file beside", code: errno)
        }
    }

    private static func directory(of target: String) -> String {
        target.lastIndex(of: "/").map { String(target[...$0]) } ?? "./"
    }

    private static func writeThrough(_ text: String, to path: String) throws(MetricsFileError) {
        // Without waiting: to open a pipe that nobody reads would take for ever.
        let file = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard file >= 0 else { throw MetricsFileError(path: path, step: "open", code: errno) }
        let code = writeAll(text, to: file)
        close(file)
        if code != 0 { throw MetricsFileError(path: path, step: "write to", code: code) }
    }

    private static func replace(_ target: String, with text: String, named path: String) throws(MetricsFileError) {
        let directory = directory(of: target)
        let name = target.lastIndex(of: "/").map { String(target[target.index(after: $0)...]) } ?? target
        let temporary = "\(directory).\(name).\(getpid()).tmp"
        // Left behind by a process of the same id that was killed.
        unlink(temporary)
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw MetricsFileError(path: path, step: "make a file beside", code: errno) }
        var failure = writeAll(text, to: file)
        if failure == 0 && fsync(file) != 0 { failure = errno }
        if close(file) != 0 && failure == 0 { failure = errno }
        if failure == 0 && rename(temporary, target) != 0 { failure = errno }
        guard failure == 0 else {
            unlink(temporary)
            throw MetricsFileError(path: path, step: "write", code: failure)
        }
        sync(directory: directory)
    }

    /// Makes the rename last; where a directory cannot be synced the file is still whole.
    private static func sync(directory: String) {
        let file = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { return }
        fsync(file)
        close(file)
    }

    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    /// Whether a pipe has room again, waiting ten seconds for that.
    private static func isWritable(_ file: Int32) -> Bool {
        var request = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
        return poll(&request, 1, 10_000) > 0
    }

    /// 0, or errno.
    private static func writeAll(_ text: String, to file: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Glibc.write(file, rest.baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                if count < 0 && errno == EAGAIN && isWritable(file) { continue }
                if count < 0 { return errno }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            }
            return 0
        }
    }
}

/// The metrics file could not be written; the old one, if any, is as it was.
package struct MetricsFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file's path, as given.
    package let path: String
    /// The system's errno.
    package let code: Int32

    private let step: String

    init(path: String, step: String, code: Int32) {
        self.path = path
        self.step = step
        self.code = code
    }

    /// Whether the same call may succeed later without anything being changed by hand.
    package var isRetriable: Bool { code == ENOSPC || code == EDQUOT || code == EINTR || code == EAGAIN }

    /// What could not be done, why, and what helps.
    package var description: String {
        "cannot \(step) metrics file \(path): \(String(cString: strerror(code)))\(advice)"
    }

    private var advice: String {
        switch code {
        case ENOSPC, EDQUOT: "; the old file is unchanged; free some space"
        case ENOENT, ENOTDIR: "; make its directory first"
        case EACCES, EPERM, EROFS: "; name a directory that this user may write in"
        case EISDIR: "; name a file in it"
        case ENXIO, EAGAIN: "; nobody reads from it"
        default: ""
        }
    }
}
