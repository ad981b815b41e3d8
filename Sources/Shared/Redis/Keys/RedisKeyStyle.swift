/// How the names of keys are spelled.
package enum RedisKeyStyle: String, Sendable, CaseIterable {
    /// As the plan has them: `leaderboard:m1`.
    case plain
    /// With the part that decides the slot in braces: `leaderboard:{m1}`, so that in a cluster one merchant's keys (one
    /// translation's, one token's) are in one slot.
    case tagged
}
