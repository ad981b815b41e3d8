import Glibc

/// The whole content of a file, as text; invalid UTF-8 is replaced.
package func readText(_ path: String) throws -> String {
    String(decoding: try readBytes(path), as: UTF8.self)
}

/// The whole content of a file.
package func readBytes(_ path: String) throws -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw TestSupportError("cannot read \(path)", code: errno) }
    defer { close(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(file, &chunk, chunk.count)
        if count < 0 && errno == EINTR { continue }
        guard count >= 0 else { throw TestSupportError("cannot read \(path)", code: errno) }
        if count == 0 { return bytes }
        bytes.append(contentsOf: chunk[..<count])
    }
}

/// Writes `text` as the whole content of a file, which is made (mode 0644) or emptied first.
package func writeText(_ text: String, to path: String) throws {
    try writeBytes(Array(text.utf8), to: path)
}

/// Writes `bytes` as the whole content of a file, which is made (mode 0644) or emptied first.
package func writeBytes(_ bytes: [UInt8], to path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw TestSupportError("cannot write \(path)", code: errno) }
    defer { close(file) }
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { throw TestSupportError("cannot write \(path)", code: errno) }
        rest = rest.dropFirst(count)
    }
}

/// Whether something exists at `path`.
package func fileExists(_ path: String) -> Bool { access(path, F_OK) == 0 }
