package import CommandLine
package import Redis
package import ToolKit

extension ExitCode {
    /// The exit code that says of what kind the error is.
    package init(_ error: RedisError) {
        switch error.kind {
        case .configuration: self = .usage
        case .authentication, .authorization: self = .notAuthorised
        case .unreachable, .connectionLost, .timedOut, .notReady, .clusterDown: self = .unreachable
        case .readOnly, .crossSlot: self = .refused
        default: self = .failed
        }
    }
}

extension Refusal {
    /// An error of Redis as exit code and sentence.
    package init(redis error: RedisError) { self.init(ExitCode(error), "Redis: \(error)") }
}
