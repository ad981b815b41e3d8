/// Reads the head of a request (RFC 9112), strictly: what two readers could understand differently is refused.
enum HTTPRequestParser {
    /// A request that is answered with this status, after which the connection is closed.
    struct Fault: Error, Equatable {
        let status: Int
    }

    private static let fieldLimit = 100

    /// The head in `bytes`, which end with its empty line.
    static func parse(_ bytes: ArraySlice<UInt8>) throws(Fault) -> HTTPRequest {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).makeIterator()
        guard let first = try line(lines.next()) else { throw Fault(status: 400) }
        let words = first.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.count == 3, !words[0].isEmpty, words[0].allSatisfy(isToken) else { throw Fault(status: 400) }
        let version = String(decoding: words[2], as: UTF8.self)
        guard version == "HTTP/1.1" || version == "HTTP/1.0" else {
            throw Fault(status: version.hasPrefix("HTTP/") ? 505 : 400)
        }
        var fields: [HTTPRequest.Field] = []
        while let next = lines.next(), let text = try line(next) {
            if text.isEmpty { break }
            guard fields.count < fieldLimit else { throw Fault(status: 431) }
            fields.append(try field(text))
        }
        let (path, query) = try target(words[1])
        return HTTPRequest(
            method: String(decoding: words[0], as: UTF8.self), path: path, query: query, fields: fields,
            keepsAlive: keepsAlive(fields, version), contentLength: try contentLength(fields, version))
    }

    /// A line without its end, which is CR LF; a CR elsewhere, or a NUL, is not taken.
    private static func line(_ line: ArraySlice<UInt8>?) throws(Fault) -> ArraySlice<UInt8>? {
        guard let line else { return nil }
        guard line.last == 13 else {
            if line.isEmpty { return nil }
            throw Fault(status: 400)
        }
        let text = line.dropLast()
        if text.contains(where: { ($0 < 0x20 && $0 != 9) || $0 == 0x7F }) { throw Fault(status: 400) }
        return text
    }

    private static func field(_ text: ArraySlice<UInt8>) throws(Fault) -> HTTPRequest.Field {
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")), colon > text.startIndex,
            text[..<colon].allSatisfy(isToken)
        else { throw Fault(status: 400) }
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 9 }
        let value = text[(colon + 1)...].drop(while: isBlank)
        let end = value.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? value.startIndex
        return HTTPRequest.Field(
            name: String(decoding: text[..<colon], as: UTF8.self).lowercased(),
            value: String(decoding: value[..<end], as: UTF8.self))
    }

    /// Whether a method or a field's name may hold it.
    static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    private static func keepsAlive(_ fields: [HTTPRequest.Field], _ version: String) -> Bool {
        let wishes = fields.filter { $0.name == "connection" }.map { $0.value.lowercased() }.joined(separator: ",")
        if wishes.contains("close") { return false }
        return version == "HTTP/1.1" || wishes.contains("keep-alive")
    }

    private static func contentLength(_ fields: [HTTPRequest.Field], _ version: String) throws(Fault) -> Int {
        // A body in pieces is of no use to what is served here, and length beside it is how requests are smuggled.
        if fields.contains(where: { $0.name == "transfer-encoding" }) { throw Fault(status: 501) }
        if version == "HTTP/1.1", fields.count(where: { $0.name == "host" }) != 1 { throw Fault(status: 400) }
        let lengths = fields.filter { $0.name == "content-length" }
        guard let first = lengths.first else { return 0 }
        guard lengths.count == 1, !first.value.isEmpty, first.value.utf8.count <= 15,
            first.value.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let length = Int(first.value)
        else { throw Fault(status: 400) }
        return length
    }

    private static func target(
        _ text: ArraySlice<UInt8>
    ) throws(Fault) -> (path: [String], query: [HTTPRequest.QueryItem]) {
        guard text.first == UInt8(ascii: "/") else { throw Fault(status: 400) }
        let parts = text.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        var path: [String] = []
        for segment in parts[0].dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            path.append(try decode(segment, plusIsSpace: false))
        }
        if path == [""] { path = [] }
        var query: [HTTPRequest.QueryItem] = []
        if parts.count > 1 {
            for item in parts[1].split(separator: UInt8(ascii: "&")) {
                let pair = item.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
                query.append(
                    HTTPRequest.QueryItem(
                        name: try decode(pair[0], plusIsSpace: true),
                        value: pair.count > 1 ? try decode(pair[1], plusIsSpace: true) : ""))
            }
        }
        return (path, query)
    }

    private static func decode(_ text: ArraySlice<UInt8>, plusIsSpace: Bool) throws(Fault) -> String {
        var plain: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "+"), plusIsSpace {
                plain.append(0x20)
            } else if byte == UInt8(ascii: "%") {
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                    throw Fault(status: 400)
                }
                plain.append(high << 4 | low)
            } else {
                plain.append(byte)
            }
        }
        guard !plain.contains(0), let decoded = String(validating: plain, as: UTF8.self) else {
            throw Fault(status: 400)
        }
        return decoded
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
