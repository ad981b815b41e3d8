import Crypto
import Events

/// One record of a plan: which it is, and what is to become of it.
struct PlanEntry: Equatable, Sendable {
    enum Decision: String, Sendable, CaseIterable {
        case redrive, park, requeue
        /// No topic takes it: it stays where it is.
        case leave
    }

    let topic: String
    let partition: Int32
    let offset: Int64
    /// Milliseconds since 1970.
    let timestamp: Int64
    let digest: SHA256Digest
    let decision: Decision
    /// Where it goes; nil where it stays.
    let destination: String?
    /// Why it is parked.
    let reason: String?

    /// The line that stands for it. Topics and reasons hold nothing that JSON would have to escape.
    var line: String {
        let destination = destination.map { "\"\($0)\"" } ?? "null"
        let reason = reason.map { ",\"reason\":\"\($0)\"" } ?? ""
        return "{\"topic\":\"\(topic)\",\"partition\":\(partition),\"offset\":\(offset),\"timestamp\":\""
            + RFC3339.string(milliseconds: timestamp)
            + "\",\"sha256\":\"\(digest)\",\"decision\":\"\(decision.rawValue)\",\"destination\":\(destination)\(reason)}"
    }

    /// No line is longer, in bytes: two names of topics, a digest, a reason.
    private static let longest = 2_048

    /// Reads a line exactly as `line` writes it; nil for everything else.
    init?(_ line: UnsafeRawBufferPointer) {
        var scanner = LineScanner(line)
        guard line.count <= Self.longest, scanner.take("{\"topic\":\""), let topic = scanner.text(),
            scanner.take("\",\"partition\":"),
            let partition = scanner.integer().flatMap({ Int32(exactly: $0) }), scanner.take(",\"offset\":"),
            let offset = scanner.integer(), scanner.take(",\"timestamp\":\""),
            let timestamp = scanner.text().flatMap({ RFC3339.parse($0) }), scanner.take("\",\"sha256\":\""),
            let digest = scanner.text().flatMap({ Hexadecimal.decode($0) })?.withUnsafeBytes({
                SHA256Digest(bytes: $0)
            }), scanner.take("\",\"decision\":\""), let decision = scanner.text().flatMap(Decision.init),
            scanner.take("\",\"destination\":")
        else { return nil }
        var destination: String?
        if !scanner.take("null") {
            guard scanner.take("\""), let text = scanner.text(), scanner.take("\"") else { return nil }
            destination = text
        }
        var reason: String?
        if scanner.take(",\"reason\":\"") {
            guard let text = scanner.text(), scanner.take("\"") else { return nil }
            reason = text
        }
        guard scanner.take("}"), scanner.isAtEnd, (decision == .park) == (reason != nil) else { return nil }
        self.init(
            topic: topic, partition: partition, offset: offset, timestamp: timestamp, digest: digest,
            decision: decision, destination: destination, reason: reason)
    }

    init(
        topic: String, partition: Int32, offset: Int64, timestamp: Int64, digest: SHA256Digest, decision: Decision,
        destination: String?, reason: String?
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.timestamp = timestamp
        self.digest = digest
        self.decision = decision
        self.destination = destination
        self.reason = reason
    }
}

/// Reads text of a fixed layout from the left.
struct LineScanner {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    /// Moves over `literal` if it comes next.
    mutating func take(_ literal: StaticString) -> Bool {
        let length = literal.utf8CodeUnitCount
        guard bytes.count - position >= length,
            bytes[position..<position + length].elementsEqual(
                UnsafeBufferPointer(start: literal.utf8Start, count: length))
        else { return false }
        position += length
        return true
    }

    /// Text up to the next quotation mark, which is not taken; nil where it holds an escape, or there is none.
    mutating func text() -> String? {
        var end = position
        while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
            if bytes[end] == UInt8(ascii: "\\") { return nil }
            end += 1
        }
        guard end < bytes.count else { return nil }
        defer { position = end }
        return String(decoding: bytes[position..<end], as: UTF8.self)
    }

    /// Digits, at least one and at most 18.
    mutating func integer() -> Int64? {
        var value: Int64 = 0
        let start = position
        while position < bytes.count, position - start < 19, (0x30...0x39).contains(bytes[position]) {
            value = value &* 10 + Int64(bytes[position] - 0x30)
            position += 1
        }
        return (1...18).contains(position - start) ? value : nil
    }
}
