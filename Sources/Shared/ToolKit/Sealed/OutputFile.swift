import Glibc

/// Files that are written beside their place and renamed to it.
package enum OutputFile {
    /// Why no file can be put in the place of what stands at `path`, as things are now; nil where one can. A rename would
    /// replace a device, or the link `/dev/stdout`, for everybody.
    package static func objection(to path: String) -> String? {
        var state = stat()
        if stat(path, &state) == 0 {
            switch state.st_mode & S_IFMT {
            case S_IFREG: break
            case S_IFDIR: return "it is a directory"
            default: return "it is no regular file, and would be replaced by one"
            }
        }
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "./"
        return access(directory, W_OK | X_OK) == 0 ? nil : String(cString: strerror(errno))
    }
}
