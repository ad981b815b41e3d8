package import Lifecycle

/// How one call ended, for metrics and logs.
package struct GRPCCallReport: Sendable {
    /// Path of the method, such as `/gamification.v1/AwardBadge`; nil if there is no such method.
    package let method: String?
    /// What the client was told; CANCELLED if it had gone.
    package let code: GRPCCode
    /// When its headers came.
    package let start: MonotonicInstant
    /// When its answer was given, or it was given up.
    package let end: MonotonicInstant

    /// A report of these values.
    package init(method: String?, code: GRPCCode, start: MonotonicInstant, end: MonotonicInstant) {
        (self.method, self.code, self.start, self.end) = (method, code, start, end)
    }
}

/// Counts of a server since its start, and what is open now.
package struct GRPCServerStatistics: Sendable, Equatable {
    package internal(set) var connectionsAccepted = 0
    /// Closed at once, because there were too many.
    package internal(set) var connectionsRefused = 0
    /// Ended with ENHANCE_YOUR_CALM.
    package internal(set) var connectionsAbusive = 0
    /// Ended because they did not answer a ping, took too long to say hello or to take what was sent.
    package internal(set) var connectionsTimedOut = 0
    package internal(set) var connectionsOpen = 0
    package internal(set) var callsStarted = 0
    /// Calls refused because too many were open.
    package internal(set) var callsRefused = 0
    package internal(set) var callsOpen = 0
    /// Bytes of requests that are held.
    package internal(set) var bufferedBytes = 0
}
