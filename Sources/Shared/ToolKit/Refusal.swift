package import CommandLine
package import Lifecycle

/// Why a command ends before its work is done, and the code that says so to scripts.
package struct Refusal: Error, CustomStringConvertible {
    /// The exit code.
    package let code: ExitCode
    /// One or two sentences: what happened, and what the user can do.
    package let description: String

    /// The refusal `code`, told in `description`.
    package init(_ code: ExitCode, _ description: String) {
        self.code = code
        self.description = description
    }

    /// What ended a command that a signal may have ended: the signal's code goes before the failure's own.
    package init(_ error: any Error, stop: StopFlag) {
        let own = Refusal(error)
        self.init(stop.signal.flatMap { ExitCode.signal($0.rawValue) } ?? own.code, own.description)
    }
}
