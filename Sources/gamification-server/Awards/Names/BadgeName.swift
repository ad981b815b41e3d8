/// What a badge is called in one locale: its newest translation.
struct BadgeName: Sendable, Equatable {
    /// The locale of the translation.
    let locale: String
    let version: String
    /// What is shown.
    let text: String

    init(locale: String, version: String, text: String) {
        self.locale = locale
        self.version = version
        self.text = text
    }

    /// Reads `version|value`, as Redis has it; nil if it is none. A semantic version has no `|` in it.
    init?(locale: String, cached: String) {
        guard let bar = cached.utf8.firstIndex(of: UInt8(ascii: "|")) else { return nil }
        self.init(
            locale: locale, version: String(cached[..<bar]), text: String(cached[cached.utf8.index(after: bar)...]))
    }

    /// `version|value`
    var cached: String { "\(version)|\(text)" }

    /// Where a name is looked for: the locale, its base language, English; each once.
    static func candidates(_ locale: String) -> [String] {
        var list = [locale]
        if let dash = locale.utf8.firstIndex(of: UInt8(ascii: "-")) {
            let base = String(locale[..<dash])
            if !base.isEmpty { list.append(base) }
        }
        if !list.contains("en") { list.append("en") }
        return list
    }
}
