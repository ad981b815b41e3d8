import Glibc

/// Files that are written beside their place and renamed to it.
package enum OutputFile {
    /// Why no file may be put in the place of what stands at `path`; nil where one may. A rename would replace a device,
    /// or the link `/dev/stdout`, for everybody.
    package static func objection(to path: String) -> String? {
        var state = stat()
        guard stat(path, &state) == 0 else { return nil }
        return switch state.st_mode & S_IFMT {
        case S_IFREG: nil
        case S_IFDIR: "it is a directory"
        default: "it is no regular file, and would be replaced by one"
        }
    }
}
