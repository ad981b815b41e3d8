import Glibc

/// A fresh directory that is removed, with all in it, when the last reference goes, or with the test process.
package final class ScratchDirectory: Sendable {
    /// Its absolute path, without a slash at the end.
    package let path: String

    /// Makes the directory below TMPDIR, or /tmp. `label` becomes part of its name.
    package init(_ label: String = "test") throws {
        let base = Spawn.inheritedEnvironment()["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        var template = Array("\(base)/scratch-\(label)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw TestSupportError("cannot make a directory in \(base)", code: errno)
        }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        try Reaper.watch(directory: path)
    }

    deinit { removeTree(path) }

    /// The path of `name` in this directory.
    package func file(_ name: String) -> String { path + "/" + name }

    /// Makes a file of that name and content, and returns its path.
    @discardableResult
    package func write(_ name: String, _ text: String) throws -> String {
        try writeText(text, to: file(name))
        return file(name)
    }

    /// The names in this directory, in order.
    package func names() -> [String] { directoryEntries(path).sorted() }
}

private func directoryEntries(_ path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != "." && name != ".." { names.append(name) }
    }
    return names
}

/// Removes a file, or a directory with all in it.
func removeTree(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR else {
        unlink(path)
        return
    }
    chmod(path, 0o700)
    for name in directoryEntries(path) { removeTree(path + "/" + name) }
    rmdir(path)
}
