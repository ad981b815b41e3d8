package import CommandLine
import Configuration

/// The command as it was typed, so that somebody else can type it again: no secrets, and nothing from environment or
/// files.
package enum CommandText {
    /// The call of `reader`'s command, quoted for a shell.
    package static func text(_ reader: OptionReader) -> String {
        let flags = reader.flags.flatMap { flag in
            reader.values(of: flag).filter { $0.origin == .flag }.map { value in
                switch flag.kind {
                case .toggle: value.text == "true" ? "--\(flag.long)" : "--\(flag.long)=\(value.text)"
                case .pairs: "--\(flag.long) \(quoted(withoutSecret(value.text)))"
                case .value, .repeatable, .secretFile: "--\(flag.long) \(quoted(value.text))"
                }
            }
        }
        return ([reader.program, reader.command.name] + reader.positionals.map(quoted) + flags).joined(separator: " ")
    }

    /// Of a property its name, where the value may be secret.
    private static func withoutSecret(_ pair: String) -> String {
        let name = pair.prefix { $0 != "=" }.lowercased()
        let isSecret = ["password", "secret", "jaas", "token", ".key", "pem"].contains { name.contains($0) }
        return isSecret ? "\(pair.prefix { $0 != "=" })=***" : pair
    }

    private static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: "._-:@+=,/%".utf8.contains(byte)
            }
        }
        if isPlain, !text.isEmpty { return text }
        return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
