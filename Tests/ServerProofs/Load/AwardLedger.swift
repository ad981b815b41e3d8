/// One award.
struct AwardName: Hashable, Sendable {
    let merchant: String
    let customer: String
    let badge: String
}

/// What a caller of AwardBadge was told, award by award, and what of it cannot be right.
struct AwardLedger: Sendable {
    private struct Award: Sendable {
        var eventID: String
        var time: Int64
        /// Times that the answer was AWARDED.
        var awarded = 0
    }

    private var answered: [AwardName: Award] = [:]
    /// Awards that some call ended of without saying whether it was done.
    private var doubtful: Set<AwardName> = []
    /// What cannot be right, the first 20.
    private(set) var faults: [String] = []
    /// Calls by how they ended.
    private(set) var outcomes: [String: Int] = [:]

    var count: Int { answered.count }
    /// The event ids that were answered.
    var eventIDs: [AwardName: String] { answered.mapValues(\.eventID) }

    mutating func note(_ name: AwardName, isNew: Bool, eventID: String, milliseconds: Int64) {
        outcomes[isNew ? "AWARDED" : "ALREADY_AWARDED", default: 0] += 1
        var award = answered[name] ?? Award(eventID: eventID, time: milliseconds)
        if award.eventID != eventID { fail("\(name) was answered with \(award.eventID) and with \(eventID)") }
        if award.time != milliseconds { fail("\(name) was answered as of \(award.time) and of \(milliseconds)") }
        if isNew { award.awarded += 1 }
        if award.awarded > 1 { fail("\(name) was answered with AWARDED \(award.awarded) times") }
        answered[name] = award
    }

    /// A call ended without an answer; it may have been done.
    mutating func noteDoubt(_ name: AwardName, _ code: String) {
        outcomes[code, default: 0] += 1
        doubtful.insert(name)
    }

    /// A call was refused that should not have been.
    mutating func noteRefusal(_ name: AwardName, _ status: String) {
        outcomes[status, default: 0] += 1
        fail("\(name) was refused: \(status)")
    }

    /// Awards of which every call was answered, and none with AWARDED, though nobody else awards such badges.
    func neverAwarded(except badges: Set<String>) -> [AwardName] {
        answered.filter { $1.awarded == 0 && !doubtful.contains($0) && !badges.contains($0.badge) }.map(\.key)
    }

    private mutating func fail(_ fault: String) {
        if faults.count < 20 { faults.append(fault) }
    }
}
