/// Takes an http or https URL apart. Its errors never quote the text, which may hold a password.
struct HTTPURLParser {
    /// What stands before `@`, still percent-encoded.
    private(set) var userInfo: Substring?
    private let isEncrypted: Bool
    private let hostAndPort: Substring
    private let pathAndQuery: Substring

    init(_ text: String) throws(HTTPError) {
        guard text.utf8.count <= HTTPURL.lengthLimit else { throw Self.bad("longer than \(HTTPURL.lengthLimit) bytes") }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Self.bad("holds a space, a control character or a character beyond ASCII")
        }
        let scheme = text.prefix(8).lowercased()
        guard scheme.hasPrefix("http://") || scheme == "https://" else {
            throw Self.bad("does not begin with http:// or https://")
        }
        isEncrypted = scheme == "https://"
        let rest = text.dropFirst(isEncrypted ? 8 : 7)
        guard !rest.contains("#") else { throw Self.bad("holds a fragment (#)") }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let authority = rest[..<end]
        pathAndQuery = rest[end...]
        if let at = authority.lastIndex(of: "@") {
            userInfo = authority[..<at]
            hostAndPort = authority[authority.index(after: at)...]
        } else {
            hostAndPort = authority
        }
    }

    /// The URL without user name and password.
    func url() throws(HTTPError) -> HTTPURL {
        let (host, portText) = try splitHost()
        var port: UInt16 = isEncrypted ? 443 : 80
        if let portText {
            guard portText.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let number = UInt16(portText), number > 0
            else { throw Self.bad("has a port that is no number from 1 to 65535") }
            port = number
        }
        let question = pathAndQuery.firstIndex(of: "?")
        let path = question.map { pathAndQuery[..<$0] } ?? pathAndQuery
        return HTTPURL(
            isEncrypted: isEncrypted, host: host.lowercased(), port: port, path: path.isEmpty ? "/" : String(path),
            query: question.map { String(pathAndQuery[pathAndQuery.index(after: $0)...]) })
    }

    /// User name and password, percent-decoded; nil if the URL has none.
    func credentials() throws(HTTPError) -> HTTPCredentials? {
        guard let userInfo else { return nil }
        let colon = userInfo.firstIndex(of: ":") ?? userInfo.endIndex
        let user = try Self.percentDecoded(userInfo[..<colon])
        let password = try Self.percentDecoded(userInfo[colon...].dropFirst())
        return try .basic(user: user, password: password)
    }

    private func splitHost() throws(HTTPError) -> (Substring, Substring?) {
        var host = hostAndPort
        var port: Substring?
        if hostAndPort.first == "[" {
            guard let close = hostAndPort.firstIndex(of: "]") else { throw Self.bad("has an unclosed [") }
            host = hostAndPort[..<close].dropFirst()
            let rest = hostAndPort[close...].dropFirst()
            guard rest.isEmpty || rest.first == ":" else { throw Self.bad("has text between ] and the port") }
            port = rest.isEmpty ? nil : rest.dropFirst()
            guard host.contains(":"), host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else {
                throw Self.bad("has no IPv6 address in its brackets")
            }
        } else {
            if let colon = hostAndPort.firstIndex(of: ":") {
                host = hostAndPort[..<colon]
                port = hostAndPort[colon...].dropFirst()
            }
            guard !host.isEmpty, host.allSatisfy({ $0.isLetter || $0.isNumber || "-._".contains($0) }) else {
                throw Self.bad("has no valid host name")
            }
        }
        return (host, port)
    }

    private static func percentDecoded(_ text: Substring) throws(HTTPError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2 else {
                throw bad("has a broken percent-encoding in its user name or password")
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw bad("has a user name or password that is not UTF-8")
        }
        return decoded
    }

    private static func bad(_ what: String) -> HTTPError { HTTPError(.badRequest, detail: "the URL \(what)") }
}
