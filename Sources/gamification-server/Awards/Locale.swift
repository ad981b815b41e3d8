/// Language tags (BCP 47) as they come from outside.
enum Locale {
    /// Longest tag that is taken, as in the table locales.
    static let maximumLength = 35

    /// The tag with the case that BCP 47 recommends (`pt-BR`, `zh-Hant`), nil if it cannot be one: letters, digits and single
    /// hyphens, beginning with letters.
    static func canonical(_ text: String) -> String? {
        let bytes = text.utf8
        guard (1...maximumLength).contains(bytes.count) else { return nil }
        // Most are two lower-case letters.
        if bytes.count == 2, bytes.allSatisfy({ (0x61...0x7A).contains($0) }) { return text }
        var parts: [String] = []
        for part in text.split(separator: "-", omittingEmptySubsequences: false) {
            let isTag = part.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || (0x30...0x39).contains($0)
            }
            guard (1...8).contains(part.utf8.count), isTag else { return nil }
            let lower = part.lowercased()
            switch (parts.isEmpty, part.utf8.count) {
            case (false, 2): parts.append(part.uppercased())
            case (false, 4): parts.append(lower.prefix(1).uppercased() + lower.dropFirst())
            default: parts.append(lower)
            }
        }
        guard let first = parts.first, first.utf8.allSatisfy({ (0x61...0x7A).contains($0) }) else { return nil }
        return parts.joined(separator: "-")
    }
}
