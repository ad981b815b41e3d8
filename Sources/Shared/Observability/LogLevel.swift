/// How much a log line matters. The raw values are those of `--log-level`.
package enum LogLevel: String, Sendable, CaseIterable, Comparable {
    /// For whoever looks for a fault.
    case debug
    /// What an operator wants to see of a normal run.
    case info
    /// Something was not as it should be, and was dealt with.
    case warning
    /// Something failed.
    case error

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }

    /// Matters less.
    package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }
}

/// The shape of a log line. The raw values are those of `--log-format`.
package enum LogFormat: String, Sendable, CaseIterable {
    /// `TIME LEVEL message key=value …`
    case text
    /// One JSON object a line.
    case json
}
