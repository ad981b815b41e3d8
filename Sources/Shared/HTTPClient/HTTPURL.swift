/// An absolute http or https URL (RFC 3986), without user name, password and fragment.
///
/// Its description leaves the query out, so that it can stand in errors and logs.
package struct HTTPURL: Sendable, Hashable, CustomStringConvertible {
    /// The longest URL accepted, in bytes.
    package static let lengthLimit = 4_096

    /// Whether the scheme is https.
    package let isEncrypted: Bool
    /// Host name or address, lower-cased; an IPv6 address without its brackets.
    package let host: String
    /// The port, also where the text leaves it to the scheme.
    package let port: UInt16
    /// Starts with a slash, percent-encoded as it was given.
    package let path: String
    /// What follows the question mark; nil if there is none.
    package let query: String?

    /// Reads `text`, and throws `badRequest` (without quoting it) where it is no http or https URL, is longer than
    /// ``lengthLimit``, or carries user name, password or fragment.
    package init(_ text: String) throws(HTTPError) {
        let parser = try HTTPURLParser(text)
        if parser.userInfo != nil {
            throw HTTPError(.badRequest, detail: "the URL holds a user name or password: give them separately")
        }
        self = try parser.url()
    }

    init(isEncrypted: Bool, host: String, port: UInt16, path: String, query: String?) {
        self.isEncrypted = isEncrypted
        self.host = host
        self.port = port
        self.path = path
        self.query = query
    }

    /// Reads a URL that may carry `user:password@`, and hands those out separately.
    ///
    /// For texts from a file or the environment only: a command line is visible to every user of the machine.
    package static func separatingCredentials(_ text: String) throws(HTTPError) -> (HTTPURL, HTTPCredentials?) {
        let parser = try HTTPURLParser(text)
        return (try parser.url(), try parser.credentials())
    }

    /// This URL with path segments appended, each percent-encoded as a whole, and `query` in place of its own.
    package func appending(_ segments: [String], query: [(name: String, value: String)] = []) -> HTTPURL {
        var path = self.path
        if path.last == "/" { path.removeLast() }
        for segment in segments { path += "/" + percentEncoded(segment) }
        let encoded = query.map { percentEncoded($0.name) + "=" + percentEncoded($0.value) }
        return HTTPURL(
            isEncrypted: isEncrypted, host: host, port: port, path: path.isEmpty ? "/" : path,
            query: encoded.isEmpty ? nil : encoded.joined(separator: "&"))
    }

    /// Whether the host is this machine, by name or loopback address.
    package var isLoopback: Bool {
        let isAddress = host.utf8.allSatisfy { $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) }
        return host == "localhost" || host == "::1" || (isAddress && host.hasPrefix("127."))
    }

    /// Scheme, host, port and path.
    package var description: String {
        let isDefault = port == (isEncrypted ? 443 : 80)
        let authority = (host.contains(":") ? "[\(host)]" : host) + (isDefault ? "" : ":\(port)")
        return (isEncrypted ? "https://" : "http://") + authority + path
    }

    /// The whole URL as it is sent.
    var text: String { description + (query.map { "?" + $0 } ?? "") }
}

/// Encodes everything but RFC 3986's unreserved characters.
func percentEncoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            bytes.append(byte)
        default:
            bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
