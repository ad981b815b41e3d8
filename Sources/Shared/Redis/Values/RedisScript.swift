import Crypto

/// A Lua script: called by its digest, and sent whole to a server that does not know it.
///
/// A script is one of the program's literals, never made from input; keys and arguments are bound.
package struct RedisScript: Sendable {
    /// The script.
    let text: String
    /// The SHA-1 of the text, in hexadecimal, by which servers know it.
    package let digest: String

    /// The script of this text. It touches no key but those in KEYS, which are all in one slot.
    package init(_ text: StaticString) {
        self.text = "\(text)"
        digest = SHA1.hexadecimal(of: self.text.utf8)
    }
}
