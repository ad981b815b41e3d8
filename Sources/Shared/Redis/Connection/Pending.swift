import Lifecycle

/// Names a command that was submitted.
package struct RedisTicket: Sendable, Hashable {
    /// Counts up from 1 within one client.
    package let number: UInt64
}

/// A command on its way.
struct Pending {
    let ticket: RedisTicket
    var command: RedisCommand
    /// When it must have been sent for the last time.
    let deadline: MonotonicInstant
    /// The node that the caller named.
    var pinned: RedisAddress?
    /// Times that it was sent on, or put off.
    var redirections = 0
    var delays = 0
    /// It is to be preceded by ASKING.
    var isAsking = false
    /// What the server last said against it.
    var objection: RedisError?
}
