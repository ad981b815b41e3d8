import Redrive

/// What a copy's tally should say, put together from what its driver did and what the broker holds: the engine counts as
/// it goes, this counts each record once.
struct WitnessedTally {
    private var skipped: Set<Int> = []
    private var rejected: Set<Int> = []
    /// Not published, for a reason, in a run that leaves none behind.
    private var dropped: Set<Int> = []
    private var passing: (skipped: Set<Int>, rejected: Set<Int>, dropped: Set<Int>) = ([], [], [])
    /// Offsets that retention overtook before they were done; nil where that could not be seen.
    private var gone: Int64? = 0
    /// Whether the copy may not know of its last commit.
    var isUncertain = false
    /// Troubles that may have the copy publish a batch again, at least once.
    var disturbances = 0

    mutating func leave(_ record: ModelBroker.SourceRecord, _ verdict: Verdict) {
        switch verdict {
        case .reject: passing.rejected.insert(record.id)
        case .drop(.some): passing.dropped.insert(record.id)
        default: passing.skipped.insert(record.id)
        }
    }

    mutating func settle() {
        skipped.formUnion(passing.skipped)
        rejected.formUnion(passing.rejected)
        dropped.formUnion(passing.dropped)
        drop()
    }

    mutating func drop() { passing = ([], [], []) }

    /// By a commit more offsets are done below where the log begins: nobody can have published those.
    mutating func overtaken(before: Int64?, after: Int64?) {
        guard let before, let after, let known = gone else {
            gone = nil
            return
        }
        gone = known + after - before
    }

    /// What differs between the copy's tally and what the broker holds of it; nil where nothing does.
    func difference(from tally: RunTally, published: [ModelBroker.Published]) -> String? {
        var expected = RunTally()
        for record in published {
            if record.parked {
                expected.parked[SimulatedRun.parkReason(record.id) ?? ParkReason.unpublishable, default: 0] += 1
            } else {
                expected.redriven += 1
            }
        }
        expected.bytes = Int64(published.count * SimulatedRun.bytesOfRecord)
        expected.skipped = Int64(skipped.count)
        expected.rejected = Int64(rejected.count + dropped.count)
        if !dropped.isEmpty { expected.rejections = [ParkReason.unpublishable: Int64(dropped.count)] }
        expected.gone = gone ?? tally.gone
        return expected == tally ? nil : "counted \(tally), and it was \(expected)"
    }
}
