import CommandLine
import Kafka
import Lifecycle
import Redrive
import Runs
import ToolKit

/// `replay runs`: all runs, the newest last.
struct RunsCommand: Sendable {
    let console: Console
    let options: RunsOptions
    let stop: StopFlag

    func run() async -> ExitCode {
        await BlockingExecutor(name: "runs").run { list() }
    }

    private func list() -> ExitCode {
        let say = Reporter(console: console, level: options.log.level, format: options.log.format)
        do {
            let views = try views(say)
            if options.isJSON {
                try console.result(json: .object([.init("runs", .array(views.map(\.json)))]))
                return .done
            }
            guard !views.isEmpty else {
                say.info("no run stands in \(options.runsTopic)")
                return .done
            }
            var table = TextTable([
                .text("run"), .text("state"), .text("source"), .number("offsets"), .number("done"), .number("sent"),
                .number("rate"),
                .text("by"), .text("started"),
            ])
            for view in views {
                table.add([
                    view.record.name, view.state, view.source, HumanText.count(view.record.offsets), view.percent,
                    HumanText.count(view.record.tally.redriven), view.rate, view.by,
                    TimePoint(milliseconds: view.record.startedAt / 1_000 * 1_000).description,
                ])
            }
            try console.result(table.text(console.outputStyle))
            return .done
        } catch {
            let refusal = Refusal(error, stop: stop)
            say.error(refusal.description)
            return refusal.code
        }
    }

    private func views(_ say: Reporter) throws -> [RunView] {
        let access = RunAccess(connection: options.connection, topic: options.runsTopic, stop: stop, say: say)
        let admin = try KafkaAdmin(options.connection.kafka)
        defer { admin.close(timeout: .seconds(5)) }
        let now = TimeSource.milliseconds()
        return try access.with { store in
            var views: [RunView] = []
            for (name, entry) in try store.all() {
                if let damage = entry.damage { say.warning("the record of run \(name) cannot be read: \(damage)") }
                guard let record = entry.record, options.includesAll || record.program == Replay.table.program else {
                    continue
                }
                views.append(try RunView(record, control: entry.control, admin: admin, now: now))
            }
            return views.sorted { ($0.record.startedAt, $0.record.name) < ($1.record.startedAt, $1.record.name) }
        }
    }
}

/// `replay status`: one run, copy by copy.
struct StatusCommand: Sendable {
    let console: Console
    let options: RunsOptions
    let stop: StopFlag

    func run() async -> ExitCode {
        await BlockingExecutor(name: "status").run { show() }
    }

    private func show() -> ExitCode {
        let say = Reporter(console: console, level: options.log.level, format: options.log.format)
        do {
            let access = RunAccess(connection: options.connection, topic: options.runsTopic, stop: stop, say: say)
            let admin = try KafkaAdmin(options.connection.kafka)
            defer { admin.close(timeout: .seconds(5)) }
            let view = try access.with { store in
                let entry = try store.read(options.run)
                if let damage = entry.damage {
                    throw Refusal(.refused, "the record of run \(options.run) cannot be read: \(damage)")
                }
                guard let record = entry.record else {
                    throw Refusal(.refused, "no run of the name \(options.run) stands in \(options.runsTopic)")
                }
                return try RunView(record, control: entry.control, admin: admin, now: TimeSource.milliseconds())
            }
            if options.isJSON {
                try console.result(json: view.json)
            } else {
                for line in lines(view) { try console.result(line) }
            }
            return .done
        } catch {
            let refusal = Refusal(error, stop: stop)
            say.error(refusal.description)
            return refusal.code
        }
    }

    private func lines(_ view: RunView) -> [String] {
        let record = view.record
        var lines = ["run \(record.name) of \(record.program): \(view.state)"]
        if !view.selection.isEmpty { lines.append("  " + view.selection.joined(separator: " ")) }
        lines.append(
            "  \(HumanText.count(record.offsets)) offsets of \(record.range.map(\.topic).joined(separator: ", "))"
                + (view.percent.isEmpty ? "" : ", \(view.percent) done"))
        lines.append("  \(HumanText.count(record.tally.redriven)) sent, at \(view.rate) a second")
        if let control = view.control {
            lines.append(
                "  \(control.isPaused ? "paused" : control.stops ? "stopped" : "rate set") by \(control.by) at "
                    + TimePoint(milliseconds: control.at).description)
        }
        var table = TextTable([.text("copy"), .text("state"), .number("sent"), .text("by"), .text("last heard of")])
        for copy in record.copies {
            table.add([
                copy.id, copy.state(at: view.now).rawValue, HumanText.count(copy.tally.redriven), copy.by,
                TimePoint(milliseconds: copy.updatedAt / 1_000 * 1_000).description,
            ])
        }
        lines.append(table.text(console.outputStyle))
        if record.earlierCopies > 0 { lines.append("  and \(record.earlierCopies) copies before them") }
        lines += record.copies.compactMap { copy in copy.reason.map { "  \(copy.id): \($0)" } }
        return lines
    }
}
