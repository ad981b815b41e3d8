/// Which node serves which slot of a cluster.
struct SlotMap: Equatable, Sendable {
    /// Primaries that a map may name.
    static let limit = 1_000

    /// The primaries, each once, in order of their first slot.
    private(set) var primaries: [RedisAddress] = []
    /// By slot, an index into `primaries`; `nobody` where no node serves it.
    private var owners = [UInt16](repeating: nobody, count: HashSlot.count)
    private static let nobody = UInt16.max

    init() {}

    /// The node that serves `slot`, nil if none does.
    func owner(of slot: UInt16) -> RedisAddress? {
        let owner = owners[Int(slot) % HashSlot.count]
        return owner == Self.nobody ? nil : primaries[Int(owner)]
    }

    /// A redirection said so. Ignored when the map is full.
    mutating func set(_ slot: UInt16, to address: RedisAddress) {
        guard let index = index(of: address), Int(slot) < HashSlot.count else { return }
        owners[Int(slot)] = index
    }

    /// How many slots some node serves.
    var covered: Int { owners.count { $0 != Self.nobody } }

    /// Reads the reply to CLUSTER SLOTS: `[first, last, [host, port, id, …], replicas…]…`. A null or empty host, and
    /// `?`, mean the node that was asked.
    ///
    /// CLUSTER SLOTS rather than CLUSTER SHARDS: every version since 3.0 answers it, Valkey too.
    /// - Throws: `RedisError` of kind `protocolViolation`; a map is taken whole or not at all.
    init(slots reply: RedisReply, askedAt asked: RedisAddress) throws(RedisError) {
        guard let ranges = reply.elements, ranges.count <= HashSlot.count else { throw Self.bad }
        for range in ranges {
            guard let fields = range.elements, fields.count >= 3, let first = fields[0].number,
                let last = fields[1].number, let node = fields[2].elements, node.count >= 2,
                let port = node[1].number, (0..<Int64(HashSlot.count)).contains(first),
                (first..<Int64(HashSlot.count)).contains(last)
            else { throw Self.bad }
            let host = node[0] == .null ? "" : node[0].text
            guard let host, let address = RedisAddress(host: host, port: port, askedAt: asked),
                let index = index(of: address)
            else { throw Self.bad }
            for slot in Int(first)...Int(last) {
                guard owners[slot] == Self.nobody else { throw Self.bad }
                owners[slot] = index
            }
        }
    }

    private static var bad: RedisError {
        RedisError(.protocolViolation, "the server's slot map makes no sense", outcome: .refused)
    }

    /// The number of a primary, new or known; nil when there are too many.
    private mutating func index(of address: RedisAddress) -> UInt16? {
        // Ranges of one node mostly follow each other.
        if let known = primaries.lastIndex(of: address) { return UInt16(known) }
        guard primaries.count < Self.limit else { return nil }
        primaries.append(address)
        return UInt16(primaries.count - 1)
    }
}
