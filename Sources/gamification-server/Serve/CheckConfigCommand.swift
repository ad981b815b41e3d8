import CommandLine
import EventLoop

/// `gamification-server check-config`: everything that can be wrong without a dependency, said at once.
struct CheckConfigCommand {
    let console: Console
    let options: ServeOptions

    /// The options have been read by now, and every mistake in them reported; what is left are the files.
    func run() -> ExitCode {
        do {
            if let files = options.tls { _ = try TLSContext(.server, files: files, protocolName: "h2") }
            try console.result("the configuration is valid")
            return .done
        } catch {
            console.error("\(error)")
            return .usage
        }
    }
}
