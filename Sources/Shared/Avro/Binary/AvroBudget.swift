/// What is left of the limits while one datum is read.
struct AvroBudget {
    private(set) var items: Int
    private(set) var depth: Int

    init(_ limits: AvroLimits, bytes: Int) {
        items = limits.items(forBytes: bytes)
        depth = limits.depth
    }

    /// Pays for values before they are read.
    @inline(__always)
    mutating func take(items count: Int) throws(AvroFault) {
        guard count <= items else { throw .itemLimit }
        items &-= count
    }

    /// Enters a record, array or map; `leave` undoes it.
    @inline(__always)
    mutating func enter() throws(AvroFault) {
        guard depth > 0 else { throw .depthLimit }
        depth &-= 1
    }

    @inline(__always)
    mutating func leave() { depth &+= 1 }
}
