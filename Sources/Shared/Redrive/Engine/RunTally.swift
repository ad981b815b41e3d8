/// What became of the records of a run; every count is of committed work.
package struct RunTally: Equatable, Sendable {
    /// Published to the destination.
    package var redriven: Int64 = 0
    /// Set aside on the parked topic, by reason.
    package var parked: [String: Int64] = [:]
    /// Left behind by a filter.
    package var skipped: Int64 = 0
    /// Re-appended to the source unchanged.
    package var requeued: Int64 = 0
    /// Left where they were because neither destination would take them.
    package var rejected: Int64 = 0
    /// Why records were not published in a run that leaves none behind, by reason; part of `rejected`.
    package var rejections: [String: Int64] = [:]
    /// Deleted by retention before they were done.
    package var gone: Int64 = 0
    /// Bytes of keys and values published.
    package var bytes: Int64 = 0

    /// Nothing was done.
    package init() {}

    /// Records set aside, whatever the reason.
    package var parkedTotal: Int64 { parked.values.reduce(0, +) }

    /// Records that the filters selected and that were dealt with.
    package var selected: Int64 { redriven + parkedTotal + rejected }

    /// Adds another lane's or another transaction's counts.
    package static func += (total: inout RunTally, part: RunTally) {
        total.redriven += part.redriven
        total.parked.merge(part.parked, uniquingKeysWith: +)
        total.skipped += part.skipped
        total.requeued += part.requeued
        total.rejected += part.rejected
        total.rejections.merge(part.rejections, uniquingKeysWith: +)
        total.gone += part.gone
        total.bytes += part.bytes
    }
}
