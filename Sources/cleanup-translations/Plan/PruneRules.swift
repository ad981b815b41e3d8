/// Which rows go: contracts, section 6.
struct PruneRules: Sendable, Equatable {
    /// Versions kept in a group by rank; nil keeps them all by rank.
    var keepVersions: Int?
    /// Rows created before this go: microseconds since 2000-01-01 by the database's clock; nil lets none go by age.
    var cutoff: Int64?
    /// Whether the newest version of a group may go as well, by age.
    var includesCurrent = false

    /// Whether a row goes.
    ///
    /// - Parameter rank: 1 is the newest semantic version of the group; nil is a version that is not semantic, which is
    ///   kept and reported.
    func takes(rank: Int?, createdAt: Int64) -> Bool {
        guard let rank else { return false }
        if rank == 1, !includesCurrent { return false }
        if let keepVersions, rank > keepVersions { return true }
        if let cutoff, createdAt < cutoff { return true }
        return false
    }
}
