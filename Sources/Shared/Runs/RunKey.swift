/// The key of a record in the runs topic: a run's name, or that with `/control`. Both lie in the partition that the
/// name hashes to; a name holds no `/`.
package enum RunKey: Hashable, Sendable {
    case run(String)
    case control(String)

    private static let suffix = "/control"

    /// Reads a record's key; every key is one or the other.
    package init(_ key: UnsafeRawBufferPointer) {
        let text = String(decoding: key, as: UTF8.self)
        self = text.hasSuffix(Self.suffix) ? .control(String(text.dropLast(Self.suffix.utf8.count))) : .run(text)
    }

    /// The run's name.
    package var name: String {
        switch self {
        case .run(let name), .control(let name): name
        }
    }

    /// The key's bytes, as UTF-8.
    package var text: String {
        switch self {
        case .run(let name): name
        case .control(let name): name + Self.suffix
        }
    }
}
