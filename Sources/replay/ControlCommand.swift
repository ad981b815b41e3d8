import CommandLine
import Lifecycle
import Runs
import ToolKit

/// `replay rate`, `pause`, `resume` and `stop`: says what a run is to do; its copies heed it within a second.
struct ControlCommand: Sendable {
    let console: Console
    let options: ControlOptions
    let stop: StopFlag

    func run() async -> ExitCode {
        await BlockingExecutor(name: "control").run { control() }
    }

    private func control() -> ExitCode {
        let say = Reporter(console: console, level: options.log.level, format: options.log.format)
        do {
            let access = RunAccess(connection: options.connection, topic: options.runsTopic, stop: stop, say: say)
            let (control, isRunning) = try access.with { store in
                let entry = try store.read(options.run)
                guard let record = entry.record else {
                    throw Refusal(.refused, "no run of the name \(options.run) stands in \(options.runsTopic)")
                }
                let now = TimeSource.milliseconds()
                let control = next(after: entry.control, now: now)
                try store.write(control, for: options.run)
                return (control, record.state(at: now) == .running)
            }
            if !isRunning {
                say.warning("no copy of run \(options.run) is at work; one that starts heeds it, but for stop")
            }
            let rate = control.rate ?? "as started"
            if options.isJSON {
                try console.result(
                    json: .object([
                        .init("run", .string(options.run)), .init("rate", JSONValue(control.rate)),
                        .init("paused", .bool(control.isPaused)), .init("stop", .bool(control.stops)),
                        .init("running", .bool(isRunning)),
                    ]))
            } else {
                let state = control.stops ? "stop" : control.isPaused ? "paused" : "go on"
                try console.result("run \(options.run): \(state), rate \(rate)")
            }
            return .done
        } catch {
            let refusal = Refusal(error, stop: stop)
            say.error(refusal.description)
            return refusal.code
        }
    }

    /// Everything that was said before stays, but for what is changed now.
    private func next(after old: RunControl?, now: Int64) -> RunControl {
        var control = RunControl(at: now, by: RunName.who())
        control.rate = old?.rate
        control.isPaused = old?.isPaused ?? false
        switch options.wish {
        case .rate(let rate): control.rate = rate
        case .pause: control.isPaused = true
        case .resume: control.isPaused = false
        case .stop: control.stops = true
        }
        return control
    }
}
