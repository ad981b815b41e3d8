import CJemalloc
import CommandLine
import Glibc
import Lifecycle

@main
struct Main {
    static func main() async {
        let console = Console.standard()
        switch console.begin(GamificationServer.table) {
        case .ended(let code): exit(code.rawValue)
        case .complete: exit(console.finish(.done).rawValue)
        case .run(let reader): await run(reader, console)
        }
    }

    private static func run(_ reader: OptionReader, _ console: Console) async -> Never {
        switch reader.command.name {
        case GamificationServer.serve.name:
            // Where it is not taken the program needs a sixth more memory, and nothing else changes.
            _ = toolkit_jemalloc_decay(1_000)
            let command = ServeCommand(console: console, options: console.options(reader) { ServeOptions(&$0) })
            let executor = BlockingExecutor(name: "server")
            let code = await Task(executorPreference: executor) { command.run() }.value
            // Kafka's threads may hang while brokers are away; everything that matters is flushed.
            _exit(console.finish(code).rawValue)
        case GamificationServer.checkConfig.name:
            let command = CheckConfigCommand(console: console, options: console.options(reader) { ServeOptions(&$0) })
            exit(console.finish(command.run()).rawValue)
        case BoardFlags.verify.name, BoardFlags.rebuild.name: await boards(reader, console)
        default: await migrate(reader, console)
        }
    }

    private static func boards(_ reader: OptionReader, _ console: Console) async -> Never {
        let stop = stopFlag(console)
        let isVerify = reader.command.name == BoardFlags.verify.name
        let options = console.options(reader) { BoardOptions(&$0, isVerify: isVerify) }
        exit(console.finish(await BoardCommand(console: console, options: options, stop: stop).run()).rawValue)
    }

    private static func migrate(_ reader: OptionReader, _ console: Console) async -> Never {
        let stop = stopFlag(console)
        let options = console.options(reader) { MigrateOptions(&$0) }
        let code = await MigrateCommand(console: console, options: options, stop: stop).run()
        exit(console.finish(code).rawValue)
    }

    /// Set by SIGINT and SIGTERM.
    private static func stopFlag(_ console: Console) -> StopFlag {
        let stop = StopFlag()
        do throws(LifecycleError) {
            try SignalSource.install(flag: stop)
        } catch {
            console.error("\(error)")
            exit(ExitCode.failed.rawValue)
        }
        return stop
    }
}
