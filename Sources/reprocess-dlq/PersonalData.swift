/// Finds what looks like an email address, a token or a password in text of records, and covers it.
///
/// It errs on the side of covering: what programs write into error texts has no form that could be relied upon.
enum PersonalData {
    static let email = "[email]"
    static let secret = "[secret]"

    /// `text` with addresses and secrets covered.
    static func masked(_ text: String) -> String {
        maskedSecrets(maskedEmails(text))
    }

    // MARK: - Email addresses

    /// How far is looked back for the part before an at sign: four times what RFC 5321 allows. Without a bound a hostile
    /// text would cost the square of its length.
    private static let longestLocalPart = 256

    private static func maskedEmails(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        var result = String.UnicodeScalarView()
        var position = 0
        while position < scalars.count {
            guard let length = signLength(scalars, position) else {
                result.append(scalars[position])
                position += 1
                continue
            }
            var start = result.endIndex
            var room = longestLocalPart
            while room > 0, start > result.startIndex, isLocal(result[result.index(before: start)]) {
                start = result.index(before: start)
                room -= 1
            }
            var end = position + length
            while end < scalars.count, isDomain(scalars[end]) { end += 1 }
            if start < result.endIndex, end > position + length {
                result.removeSubrange(start...)
                result.append(contentsOf: email.unicodeScalars)
            } else {
                result.append(contentsOf: scalars[position..<end])
            }
            position = end
        }
        return String(result)
    }

    /// The length of an at sign, also as URLs and full-width scripts write it.
    private static func signLength(_ scalars: [Unicode.Scalar], _ position: Int) -> Int? {
        switch scalars[position] {
        case "@", "\u{FF20}", "\u{FE6B}": return 1
        case "%" where position + 2 < scalars.count && scalars[position + 1] == "4" && scalars[position + 2] == "0":
            return 3
        default: return nil
        }
    }

    private static func isLocal(_ scalar: Unicode.Scalar) -> Bool {
        isDomain(scalar) || "!#$%&'*+/=?^_`{|}~".unicodeScalars.contains(scalar)
    }

    private static func isDomain(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar == "." || scalar == "-" || ("0"..."9").contains(scalar)
    }

    // MARK: - Secrets

    private static let names = [
        "password", "passwd", "pwd", "secret", "token", "authorization", "api_key", "apikey", "api-key", "credential",
        "jwt",
    ]

    private static func maskedSecrets(_ text: String) -> String {
        var result = ""
        var word = ""
        // Whether the next word is a secret, because of what stood before it.
        var isAnnounced = false
        func flush() {
            guard !word.isEmpty else { return }
            let lowered = word.lowercased()
            if isAnnounced, lowered == "bearer" || lowered == "basic" {
                result += word
            } else if isAnnounced || isWebToken(word) {
                result += secret
                isAnnounced = false
            } else {
                result += word
                isAnnounced = lowered == "bearer"
                isNamed = names.contains { lowered.hasSuffix($0) }
            }
            word = ""
        }
        var isNamed = false
        for character in text {
            if isPartOfWord(character) {
                word.append(character)
                continue
            }
            flush()
            result.append(character)
            switch character {
            case "=", ":": if isNamed { isAnnounced = true }
            case " ", "\"", "'", "\t": break
            default:
                isNamed = false
                isAnnounced = false
            }
        }
        flush()
        return result
    }

    private static func isPartOfWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "-_.+/~".contains(character)
    }

    /// RFC 7519 in its compact form: `{"` in base64 is `eyJ`.
    private static func isWebToken(_ word: String) -> Bool {
        word.hasPrefix("eyJ") && word.utf8.count >= 20
    }
}

// MARK: - Bytes

extension PersonalData {
    /// Which bytes of something that is no text belong to what looks like an address or a token.
    static func covered(_ bytes: [UInt8]) -> [Bool] {
        var covered = [Bool](repeating: false, count: bytes.count)
        for (position, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "@") { coverAddress(around: position, bytes, &covered) }
            // What is covered already belongs to the run that was followed to its end.
            if byte == UInt8(ascii: "e"), !covered[position], bytes[position...].starts(with: "eyJ".utf8) {
                coverRun(from: position, bytes, &covered)
            }
        }
        return covered
    }

    private static func coverAddress(around sign: Int, _ bytes: [UInt8], _ covered: inout [Bool]) {
        var start = sign
        while start > max(0, sign - longestLocalPart), isAddressByte(bytes[start - 1]) { start -= 1 }
        var end = sign + 1
        while end < bytes.count, isAddressByte(bytes[end]) { end += 1 }
        guard start < sign, end > sign + 1 else { return }
        for position in start..<end { covered[position] = true }
    }

    private static func coverRun(from start: Int, _ bytes: [UInt8], _ covered: inout [Bool]) {
        var end = start
        while end < bytes.count, isAddressByte(bytes[end]) { end += 1 }
        guard end - start >= 20 else { return }
        for position in start..<end { covered[position] = true }
    }

    private static func isAddressByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...0xFF: true
        default: ".!#$%&'*+/=?^_`{|}~-".utf8.contains(byte)
        }
    }
}
