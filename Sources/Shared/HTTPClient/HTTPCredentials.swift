/// Who asks: a user name and password, or a bearer token. It never shows what it holds, not even to a debugger's dump.
package struct HTTPCredentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    enum Value: Sendable {
        case basic(user: String, password: String)
        case bearer(String)
    }

    let value: Value

    private init(_ value: Value) { self.value = value }

    /// HTTP Basic (RFC 7617). Throws `badRequest` if the name holds a colon or either holds a control character.
    package static func basic(user: String, password: String) throws(HTTPError) -> HTTPCredentials {
        guard !user.utf8.contains(UInt8(ascii: ":")) else {
            throw HTTPError(.badRequest, detail: "a user name for HTTP Basic cannot hold a colon")
        }
        try refuseControls(user)
        try refuseControls(password)
        return HTTPCredentials(.basic(user: user, password: password))
    }

    /// A bearer token (RFC 6750). Throws `badRequest` if it is empty or holds a control character or space.
    package static func bearer(_ token: String) throws(HTTPError) -> HTTPCredentials {
        guard !token.isEmpty, !token.utf8.contains(0x20) else {
            throw HTTPError(.badRequest, detail: "a bearer token cannot be empty or hold a space")
        }
        try refuseControls(token)
        return HTTPCredentials(.bearer(token))
    }

    private static func refuseControls(_ text: String) throws(HTTPError) {
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw HTTPError(.badRequest, detail: "a credential holds a control character")
        }
    }

    /// Of what kind they are; no part of the secret.
    package var description: String {
        switch value {
        case .basic: "HTTP Basic (hidden)"
        case .bearer: "bearer token (hidden)"
        }
    }

    /// The same.
    package var debugDescription: String { description }
    /// A mirror that shows nothing.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
