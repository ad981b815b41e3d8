import CommandLine
import Crypto
import Events
import Foundation
import Kafka
import Lifecycle
import Redrive

struct DrainCommand {
    let console: Console
    let settings: RedriveSettings
    let rules: DrainRules
    let stop: StopFlag

    func run() async -> ExitCode {
        let executor = BlockingExecutor(name: "drain")
        do {
            let (settings, rules, stop, console) = (settings, rules, stop, console)
            let result = try await executor.run {
                let reader = try KafkaConsumer(settings.kafka, group: nil, isolation: .readCommitted)
                defer { reader.close(timeout: .seconds(5)) }
                var rules = rules
                if case .topic(let name) = rules.route {
                    rules.partitionCounts[name] = try reader.partitionCount(of: name, timeout: .seconds(30))
                }
                let ends = EndPins(topic: settings.topic, reader: reader, patience: settings.patience)
                _ = try ends.pinAll()
                let finalRules = rules
                let run = try RedriveRun(
                    settings, ends: ends, stop: stop, notify: { console.note($0) },
                    processors: (0..<2).map { _ in
                        { DrainProcessor(finalRules) { Int64(Date().timeIntervalSince1970 * 1000) } }
                    })
                let start = MonotonicInstant.now()
                let result = run.run()
                console.note("\(run.statistics.snapshot) in \(MonotonicInstant.now().seconds(since: start)) s")
                return result
            }
            console.note("\(result)")
            return result.error == nil ? .done : .failed
        } catch {
            console.error("\(error)")
            return .failed
        }
    }
}
