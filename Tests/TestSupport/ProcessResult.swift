/// How a process ended.
package enum ExitStatus: Equatable, Sendable {
    /// It returned from main or called exit.
    case exited(Int32)
    /// A signal ended it.
    case signalled(Int32)
}

/// What a process that has ended left behind.
package struct ProcessResult: Sendable {
    /// How it ended.
    package let status: ExitStatus
    /// Its standard output; at most ``ChildProcess/captureLimit`` bytes are kept.
    package let outputBytes: [UInt8]
    /// Its standard error, kept to the same limit.
    package let errorBytes: [UInt8]
    /// Whether the deadline passed, so that it was killed.
    package let timedOut: Bool

    /// Standard output as text.
    package var output: String { String(decoding: outputBytes, as: UTF8.self) }
    /// Standard error as text.
    package var errors: String { String(decoding: errorBytes, as: UTF8.self) }
    /// The exit code, or nil if a signal ended it.
    package var exitCode: Int32? {
        if case .exited(let code) = status { code } else { nil }
    }
}
