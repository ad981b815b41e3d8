import CJemalloc
import CommandLine
import Configuration
import Glibc
import Lifecycle
import ToolKit

@main
struct Main {
    static func main() async {
        let console = Console.standard()
        switch console.begin(ReprocessDLQ.table) {
        case .ended(let code): exit(code.rawValue)
        case .complete(let kind, let reader):
            let code = await CompleteCommand(
                console: console, kind: kind, program: "reprocess-dlq", source: QueueWords.find
            ).run(reader)
            _exit(console.finish(code).rawValue)
        case .run(let reader): await run(reader, console)
        }
    }

    private static func run(_ reader: OptionReader, _ console: Console) async -> Never {
        // Where it is not taken the program needs a sixth more memory, and nothing else changes.
        _ = toolkit_jemalloc_decay(1_000)
        let stop = StopFlag()
        let (form, command) = (reader.form, reader.command.name)
        /// Ends what cannot be ended in order.
        @Sendable func report(_ error: String, _ code: ExitCode) {
            console.error(error)
            guard form == .json else { return }
            try? console.result(json: ResultDocument.unknown(command: command, code: code, error: error))
            try? console.flush()
        }
        do {
            try SignalSource.install(StopSignal.allCases, flag: stop) { signal in
                // A broker that never answers must not keep a stopped program: what is not committed is aborted.
                _ = ShutdownDeadline.arm(seconds: 60, exitCode: signal.exitCode) {
                    ScreenSignals.bringBack()
                    let code = ExitCode.signal(signal.rawValue) ?? .failed
                    report("the brokers did not answer for 60 s after the signal; progress is kept, run again", code)
                }
            }
        } catch {
            report("\(error)", .failed)
            exit(ExitCode.failed.rawValue)
        }
        let code: ExitCode
        switch reader.command.name {
        case ReprocessDLQ.list.name:
            let options = console.options(reader) { ListOptions(&$0, now: .now()) }
            code = await ListCommand(console: console, options: options, stop: stop).run()
        case ReprocessDLQ.show.name:
            let options = console.options(reader) { ShowOptions(&$0) }
            code = await ShowCommand(console: console, options: options, stop: stop).run()
        case ReprocessDLQ.topics.name:
            let options = console.options(reader) { TopicsOptions(&$0) }
            code = await TopicsCommand(console: console, options: options, stop: stop).run()
        case let name where ProgressCommands.all.contains { $0.name == name }:
            let options = console.options(reader) { ProgressOptions(&$0) }
            code = await ProgressCommand(console: console, options: options, stop: stop).run()
        case WatchOptions.command.name:
            let options = console.options(reader) { WatchOptions(&$0, now: .now()) }
            code = await WatchCommand(console: console, options: options, stop: stop).run()
        case RestoreOptions.command.name:
            let options = console.options(reader) { RestoreOptions(&$0) }
            code = await RestoreCommand(console: console, options: options, stop: stop).run()
        case HistoryOptions.command.name:
            let options = console.options(reader) { HistoryOptions(&$0, now: .now()) }
            code = await HistoryCommand(console: console, options: options, stop: stop).run()
        case JobCommands.plan.name:
            var path = ""
            let options = console.options(reader) { reader in
                path = reader.optionalPath(JobCommands.out) ?? ""
                if path.isEmpty { reader.report(JobCommands.out, "is needed: the file to write") }
                return DrainOptions(&reader, now: .now())
            }
            code = await PlanCommand(
                console: console, options: options, path: path, command: CommandText.text(reader), stop: stop
            ).run()
        case JobCommands.apply.name:
            let options = console.options(reader) { DrainOptions(&$0, now: .now()) }
            code = await ApplyCommand(
                console: console, options: options, path: reader.positionals.first ?? "", stop: stop
            ).run()
        default:
            let options = console.options(reader) { DrainOptions(&$0, now: .now()) }
            code = await DrainCommand(console: console, options: options, stop: stop).run()
        }
        // Not exit: a client that hangs on a dead broker would hold up its destructors.
        _exit(console.finish(code).rawValue)
    }
}
