import CommandLine
import Glibc

@main
struct Main {
    static func main() {
        let console = Console.standard()
        switch console.begin(Flags.table) {
        case .ended(let code): exit(code.rawValue)
        case .complete: exit(console.finish(.done).rawValue)
        case .run(var reader):
            let options: Options
            do throws(UsageError) { options = try Options(&reader) } catch { exit(console.report(error).rawValue) }
            exit(console.finish(serve(options, console)).rawValue)
        }
    }

    private static func serve(_ options: Options, _ console: Console) -> ExitCode {
        do {
            return try Services(options).run { lines in
                for line in lines { try console.result(line) }
                try console.flush()
            }
        } catch {
            console.error("\(error)")
            return .failed
        }
    }
}
