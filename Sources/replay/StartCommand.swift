import CommandLine
import Kafka
import Lifecycle
import Observability
import Pacing
import Redrive
import Runs
import ToolKit

/// `replay [start]`: find out, ask, do, tell.
struct StartCommand: Sendable {
    let console: Console
    let stop: StopFlag
    static let patience = Duration.seconds(60)

    /// Runs on a blocking executor of its own.
    func run(_ reader: OptionReader) async -> ExitCode {
        let given = console.options(reader) { ReplayOptions(&$0, now: .now()) }
        let executor = BlockingExecutor(name: "replay")
        return await Task(executorPreference: executor) { await start(reader, given) }.value
    }

    private func start(_ reader: OptionReader, _ given: ReplayOptions) async -> ExitCode {
        let name: String
        do {
            name = try given.run ?? RunName.make(prefix: "replay", now: .now())
        } catch {
            console.error("\(error)")
            return .failed
        }
        let say = Reporter(console: console, level: given.log.level, format: given.log.format, run: name)
        var outcome = ReplayOutcome(run: name, destination: "")
        do {
            let opening = try RunOpening(
                name: name, reader: reader, given: given, console: console, stop: stop, say: say)
            defer { opening.close() }
            outcome.clusterID = opening.clusterID
            var options = opening.options
            options.connection.kafka.log = { say.kafka($0) }
            outcome.destination = options.destinationName
            switch options.source {
            case .archive(let path):
                outcome.sources = [path]
                let job = RestoreJob(options: options, opening: opening, console: console, stop: stop, say: say)
                try await job.run(path, &outcome)
            case .topics(let topics, _):
                let job = TopicJob(options: options, opening: opening, console: console, stop: stop, say: say)
                try await job.run(topics, &outcome)
            }
        } catch {
            outcome.refusal = Refusal(error)
        }
        outcome.signal = stop.signal
        return report(outcome, given, say)
    }

    private func report(_ outcome: ReplayOutcome, _ options: ReplayOptions, _ say: Reporter) -> ExitCode {
        var outcome = outcome
        if let refusal = outcome.refusal { say.error(refusal.description) }
        if let path = options.metricsFile, outcome.dryRun == nil {
            do throws(MetricsFileError) {
                try MetricsFile.write(ReplayMetrics.registry(outcome, now: TimeSource.milliseconds()), to: path)
            } catch {
                say.error("\(error)")
                outcome.metricsFailure = "\(error)"
            }
        }
        do throws(OutputError) {
            if options.isJSON {
                try console.result(json: outcome.json)
            } else if outcome.refusal == nil || outcome.tally != RunTally() {
                for line in outcome.lines { try console.result(line) }
                for chart in outcome.dryRun?.text(console.outputStyle) ?? [] { try console.result("\n\(chart)") }
            }
        } catch {
            say.error("\(error)")
        }
        return outcome.exitCode
    }
}

extension ReplayOptions {
    /// The destination, for people.
    var destinationName: String {
        switch destination {
        case .topic(let name): name
        case .origin: "origin"
        case .archive(let path): path
        }
    }
}
