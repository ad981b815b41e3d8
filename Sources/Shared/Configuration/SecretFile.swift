/// Reads a secret from a file, as `--…-file FILE` and `-X name=@FILE` do.
package enum SecretFile {
    /// The most bytes a secret may have; a private key with its chain fits.
    package static let limit = 65_536

    /// A secret and, where the file's permissions are too wide, a warning to show.
    package struct Reading: Sendable {
        /// What the file holds, without the line break at its end.
        package let secret: Secret
        /// What should be said although the secret was read.
        package let warning: String?
    }

    /// Reads the secret in `path`: UTF-8 text, one trailing line break removed, not empty, at most `limit` bytes.
    /// - Throws: `BoundedFile.Failure`, a phrase that follows the path; it never quotes the content.
    package static func read(_ path: String) throws(BoundedFile.Failure) -> Reading {
        let contents = try BoundedFile.read(path, limit: limit)
        var bytes = contents.bytes[...]
        if bytes.last == 0x0A { bytes.removeLast() }
        if bytes.last == 0x0D { bytes.removeLast() }
        guard !bytes.isEmpty else { throw BoundedFile.Failure(description: "is empty: it should hold the secret") }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw BoundedFile.Failure(description: "is not UTF-8 text")
        }
        guard !text.utf8.contains(0) else { throw BoundedFile.Failure(description: "holds a NUL byte") }
        let warning =
            contents.isWorldReadable
            ? "\(PrintableText.quoted(path, limit: 200)) can be read by every user of this machine: chmod o-r it" : nil
        return Reading(secret: Secret(text), warning: warning)
    }
}
