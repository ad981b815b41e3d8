/// Metadata to send with a call or an answer: names with values, in order.
package struct GRPCMetadata: Sendable, Equatable {
    struct Entry: Sendable, Equatable {
        let name: String
        /// As it stands on the wire.
        let value: [UInt8]
    }

    private(set) var entries: [Entry] = []

    /// No metadata.
    package init() {}

    /// Whether there is none.
    package var isEmpty: Bool { entries.isEmpty }

    /// Adds a text. False, and nothing is added, if the name is not one that a caller may set (lower-case letters, digits,
    /// `_`, `-`, `.`; not `grpc-…`, not `…-bin`, not HTTP's own) or the value not printable ASCII.
    @discardableResult
    package mutating func add(_ name: String, _ value: String) -> Bool {
        guard Self.isName(name), !name.hasSuffix("-bin"), value.utf8.allSatisfy({ $0 >= 0x20 && $0 <= 0x7E }) else {
            return false
        }
        entries.append(Entry(name: name, value: Array(value.utf8)))
        return true
    }

    /// Adds bytes, under a name that ends in `-bin`. False, and nothing is added, if the name is no such.
    @discardableResult
    package mutating func add(_ name: String, bytes: [UInt8]) -> Bool {
        guard Self.isName(name), name.hasSuffix("-bin") else { return false }
        entries.append(Entry(name: name, value: Base64.encode(bytes)))
        return true
    }

    /// Adds one of gRPC's own headers.
    mutating func addReserved(_ name: String, _ value: String) {
        entries.append(Entry(name: name, value: Array(value.utf8)))
    }

    private static let reserved: Set<String> = [
        "te", "content-type", "user-agent", "connection", "host", "transfer-encoding", "upgrade", "keep-alive",
        "proxy-connection", "content-length",
    ]

    private static func isName(_ name: String) -> Bool {
        guard !name.isEmpty, name.utf8.count <= 256, !name.hasPrefix("grpc-"), !reserved.contains(name) else {
            return false
        }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case 0x61...0x7A, 0x30...0x39, 0x2D, 0x2E, 0x5F: true
            default: false
            }
        }
    }
}
