/// A contradiction among a record's headers, for `show`.
package enum HeaderConflict: Sendable, Equatable, CustomStringConvertible {
    /// A dialect names another origin than the one that was taken.
    case otherOrigin(Dialect, Origin)
    /// A dialect has headers of an origin, but topic, partition and offset are not all there and valid.
    case unreadableOrigin(Dialect)
    /// A name stood more than once; its last value counted.
    case doubled(HeaderName)
    /// A header of ours has a value that cannot be read.
    case invalid(HeaderName)

    /// The conflict in a clause.
    package var description: String {
        switch self {
        case .otherOrigin(let dialect, let origin):
            "\(dialect) names another origin: \(origin.topic) partition \(origin.partition) offset \(origin.offset)"
        case .unreadableOrigin(let dialect): "\(dialect) names no complete, valid origin"
        case .doubled(let name): "\(name.text) stands more than once; the last value counts"
        case .invalid(let name): "\(name.text) cannot be read"
        }
    }
}
