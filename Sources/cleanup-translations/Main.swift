import CommandLine
import Glibc
import Lifecycle

@main
struct Main {
    static func main() async {
        let console = Console.standard()
        switch console.begin(CleanupTranslations.table) {
        case .ended(let code): exit(code.rawValue)
        case .complete: exit(console.finish(.done).rawValue)
        case .run(let reader): await run(reader, console)
        }
    }

    private static func run(_ reader: OptionReader, _ console: Console) async -> Never {
        let stop = StopFlag()
        do throws(LifecycleError) {
            try SignalSource.install(StopSignal.allCases, flag: stop) { signal in
                // A server that never answers must not keep a stopped program: what is not committed is undone.
                _ = ShutdownDeadline.arm(seconds: 60, exitCode: signal.exitCode) {
                    console.error("something did not answer for 60 s after the signal; run again to finish")
                }
            }
        } catch {
            console.error("\(error)")
            exit(ExitCode.failed.rawValue)
        }
        let options = console.options(reader) { CleanupOptions(&$0) }
        let code = await CleanupCommand(console: console, options: options, stop: stop).run()
        // Not exit: a client that hangs on a dead broker would hold up its destructors.
        _exit(console.finish(code).rawValue)
    }
}
