import CommandLine
import Lifecycle

/// Why a command ends before its work is done, and the code that says so to scripts.
struct Refusal: Error, CustomStringConvertible {
    let code: ExitCode
    /// One or two sentences: what happened, and what the user can do.
    let description: String

    init(_ code: ExitCode, _ description: String) {
        self.code = code
        self.description = description
    }

    /// What ended a command that a signal may have ended: the signal's code goes before the failure's own.
    init(_ error: any Error, stop: StopFlag) {
        let own = Refusal(error)
        self.init(stop.signal.flatMap { ExitCode.signal($0.rawValue) } ?? own.code, own.description)
    }
}
