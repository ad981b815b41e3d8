import CommandLine

/// Why a command ends before its work is done, and the code that says so to scripts.
struct Refusal: Error, CustomStringConvertible {
    let code: ExitCode
    /// One or two sentences: what happened, and what the user can do.
    let description: String

    init(_ code: ExitCode, _ description: String) {
        self.code = code
        self.description = description
    }
}
