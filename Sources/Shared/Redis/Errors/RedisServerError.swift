/// What a server said instead of an answer, for example `WRONGTYPE Operation against a key …`.
package struct RedisServerError: Sendable, Equatable, CustomStringConvertible {
    /// At most this many bytes of it are kept.
    static let limit = 256

    /// The server's line. It may quote arguments, so it is not shown.
    let line: String

    /// An error of this line.
    init(_ bytes: UnsafeRawBufferPointer) { line = String(decoding: bytes.prefix(Self.limit), as: UTF8.self) }

    /// The first word, in capitals: `ERR`, `MOVED`, `OOM`.
    package var code: String {
        let word = line.prefix { $0 != " " }
        return word.utf8.allSatisfy { (0x41...0x5A).contains($0) || $0 == 0x2D } && !word.isEmpty ? String(word) : "ERR"
    }

    /// The words after the code up to what could be an argument.
    package var words: String {
        let all = line.drop { $0 != " " }.dropFirst()
        let shown = all.prefix { !"'\"`".contains($0) }.prefix(120)
        return String(String.UnicodeScalarView(shown.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
    }

    /// Code and words.
    package var description: String { words.isEmpty ? code : "\(code) \(words)" }
}
