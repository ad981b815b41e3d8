import CJemalloc
import CommandLine
import Glibc
import Lifecycle
import ToolKit

@main
struct Main {
    static func main() async {
        let console = Console.standard()
        switch console.begin(Replay.table) {
        case .ended(let code): exit(code.rawValue)
        case .complete(let kind, let reader):
            let code = await CompleteCommand(console: console, kind: kind, program: Replay.table.program).run(reader)
            _exit(console.finish(code).rawValue)
        case .run(let reader): await run(reader, console)
        }
    }

    private static func run(_ reader: OptionReader, _ console: Console) async -> Never {
        // Where it is not taken the program needs a sixth more memory, and nothing else changes.
        _ = toolkit_jemalloc_decay(1_000)
        let stop = StopFlag()
        do {
            try SignalSource.install(StopSignal.allCases, flag: stop) { signal in
                // A broker that never answers must not keep a stopped program: what is not committed is aborted.
                _ = ShutdownDeadline.arm(seconds: 60, exitCode: signal.exitCode) {
                    console.error("the brokers did not answer for 60 s after the signal; progress is kept, run again")
                }
            }
        } catch {
            console.error("\(error)")
            exit(ExitCode.failed.rawValue)
        }
        let code: ExitCode
        switch reader.command.name {
        case Replay.start.name:
            code = await StartCommand(console: console, stop: stop).run(reader)
        case Replay.runs.name:
            let options = console.options(reader) { RunsOptions(&$0) }
            code = await RunsCommand(console: console, options: options, stop: stop).run()
        case Replay.status.name:
            let options = console.options(reader) { RunsOptions(&$0) }
            code = await StatusCommand(console: console, options: options, stop: stop).run()
        default:
            let options = console.options(reader) { ControlOptions(&$0) }
            code = await ControlCommand(console: console, options: options, stop: stop).run()
        }
        // Not exit: a client that hangs on a dead broker would hold up its destructors.
        _exit(console.finish(code).rawValue)
    }
}
