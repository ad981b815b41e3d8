import CommandLine
import Configuration
import Glibc
import Lifecycle

@main
struct Main {
    static func main() async {
        let console = Console.standard()
        switch console.begin(ReprocessDLQ.table) {
        case .ended(let code): exit(code.rawValue)
        case .complete: exit(ExitCode.done.rawValue)
        case .run(let reader): await run(reader, console)
        }
    }

    private static func run(_ reader: OptionReader, _ console: Console) async -> Never {
        let stop = StopFlag()
        do {
            try SignalSource.install(flag: stop)
        } catch {
            console.error("\(error)")
            exit(ExitCode.failed.rawValue)
        }
        var reader = reader
        let options = DrainOptions(&reader, now: .now())
        do throws(UsageError) {
            try reader.finish()
        } catch {
            exit(console.report(error).rawValue)
        }
        for warning in reader.warnings { console.warning(warning) }
        let code = await DrainCommand(console: console, options: options, stop: stop).run()
        // Not exit: a client that hangs on a dead broker would hold up its destructors.
        _exit(console.finish(code).rawValue)
    }
}
