/// Gathers one answer from libcurl's callbacks, within bounds. Confined to the call that performs the request.
final class ResponseCollector {
    /// All header lines of an answer together, in bytes.
    static let headerLimit = 64 << 10

    private let limit: Int
    private var body: [UInt8] = []
    private var headers: [(name: String, value: String)] = []
    private var headerBytes = 0
    /// The status that libcurl read, 0 until then.
    var status = 0
    /// Whether the answer was refused for its size.
    private(set) var isTooLarge = false

    init(limit: Int) { self.limit = limit }

    /// The answer; nil where there was no status.
    func response() -> HTTPResponse? {
        status >= 100 ? HTTPResponse(status: status, headers: headers, body: body) : nil
    }

    /// False if the body would exceed the limit, which ends the exchange.
    func addBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= limit - body.count else {
            isTooLarge = true
            return false
        }
        body.append(contentsOf: bytes)
        return true
    }

    /// Takes one header line. A status line starts anew: interim answers and redirects leave nothing behind.
    func addHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        if line.starts(with: "HTTP/".utf8) {
            headers = []
            body = []
        }
        headerBytes += line.count
        guard headerBytes <= Self.headerLimit else {
            isTooLarge = true
            return false
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return true }
        let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
        headers.append((name, Self.trimmed(line[(colon + 1)...])))
        return true
    }

    private static func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
        var value = bytes.drop(while: isBlank)
        while let last = value.last, isBlank(last) { value = value.dropLast() }
        return String(decoding: value, as: UTF8.self)
    }
}
