/// A consumer group with eager assignment: generations, session timeouts, and members that rejoin behind the
/// application's back, as a client library's own threads do.
final class ModelGroup {
    /// What travels with a commit and fences it.
    struct Metadata: Equatable {
        let member: Int
        let generation: Int
    }

    enum Event: Equatable {
        case revoke
        case assign([Int32], Metadata)
    }

    final class Member {
        let id: Int
        var events: [Event] = []
        var hasJoined = true
        /// Whether the last of its events is an assignment.
        var holdsAssignment = false
        /// When it was last heard of.
        var seenAt: UInt64
        init(id: Int, seenAt: UInt64) {
            self.id = id
            self.seenAt = seenAt
        }
    }

    private(set) var generation = 0
    private(set) var members: [Member] = []
    private var isRebalancing = false
    private var rebalanceStartedAt: UInt64 = 0
    private var nextID = 1
    /// Partitions that the next assignment deals out.
    var partitionCount = 0
    static let sessionTimeout: UInt64 = 10_000_000_000

    var isEmpty: Bool { members.isEmpty }

    func accepts(_ metadata: Metadata) -> Bool {
        metadata.generation == generation && members.contains { $0.id == metadata.member }
    }

    func join(now: UInt64) -> Member {
        let member = Member(id: nextID, seenAt: now)
        nextID += 1
        members.append(member)
        rebalance(now: now)
        return member
    }

    func leave(_ member: Member, now: UInt64) {
        members.removeAll { $0 === member }
        rebalance(now: now)
    }

    /// The application has given its partitions back.
    func rejoin(_ member: Member, now: UInt64) {
        member.hasJoined = true
        member.seenAt = now
        if !members.contains(where: { $0 === member }) { members.append(member) }
        complete(now: now)
    }

    /// A heartbeat from the client library's own thread. One that was thrown out rejoins at once, and the
    /// application finds out when it looks.
    func heartbeat(_ member: Member, now: UInt64) {
        member.seenAt = now
        if !members.contains(where: { $0 === member }) {
            members.append(member)
            if member.holdsAssignment { member.events.append(.revoke) }
            member.holdsAssignment = false
            member.hasJoined = true
            rebalance(now: now, byBackground: member)
        }
    }

    func rebalance(now: UInt64, byBackground: Member? = nil) {
        isRebalancing = true
        rebalanceStartedAt = now
        for member in members where member !== byBackground && member.holdsAssignment {
            member.holdsAssignment = false
            member.hasJoined = false
            member.events.append(.revoke)
        }
        complete(now: now)
    }

    func expire(now: UInt64) {
        let before = members.count
        members.removeAll { now - $0.seenAt > Self.sessionTimeout }
        if members.count != before {
            rebalance(now: now)
        } else if isRebalancing, now - rebalanceStartedAt > Self.sessionTimeout {
            members.removeAll { !$0.hasJoined }
            complete(now: now)
        }
    }

    private func complete(now: UInt64) {
        guard isRebalancing, members.allSatisfy(\.hasJoined) else { return }
        isRebalancing = false
        generation += 1
        for (index, member) in members.enumerated() {
            // The application hears of a loss before it hears of what comes next, always.
            if member.holdsAssignment { member.events.append(.revoke) }
            let share = (0..<Int32(partitionCount)).filter { Int($0) % members.count == index }
            member.events.append(.assign(share, Metadata(member: member.id, generation: generation)))
            member.holdsAssignment = true
        }
    }
}
